import { createFetchBucket } from "./fetch-bucket.ts";
import { monotonicMs } from "./monotonic-ms.ts";

/** One entry of an issuer's published keys (RFC 7517), as it was read. */
export interface PublishedKey {
  readonly kid?: unknown;
  readonly [member: string]: unknown;
}

export type KeyLookup<T> =
  | { readonly kind: "found"; readonly value: T }
  /** Fetched again just now, more than once, and not among them. */
  | { readonly kind: "unknown" }
  /** Nobody knows whether it is published: nothing was fetched, or not enough. */
  | { readonly kind: "unavailable"; readonly retryAfterMs: number };

type PickKey<T> = (keys: readonly PublishedKey[]) => Promise<T | undefined>;

/** The keys that an issuer publishes, kept, and fetched again before anybody is refused for a key that is not there. */
export interface KeySet {
  /** Gives what `pick` makes of the keys; undefined from it means "not among these". */
  find<T>(pick: PickKey<T>): Promise<KeyLookup<T>>;
  /** What is among the keys that are fresh; fetches nothing. */
  known<T>(pick: PickKey<T>): Promise<T | undefined>;
  /** Fetches the keys before anybody asks, where they are not fresh. What goes wrong is for whoever asks. */
  warm(): Promise<void>;
}

export interface KeySource {
  /** Fetches the set; rejects unless at least one key came. */
  readonly load: () => Promise<readonly PublishedKey[]>;
  readonly pause: (ms: number) => Promise<unknown>;
  /** Before each fetch of one look-up; one server of several may still answer with the keys of before. */
  readonly pausesMs: readonly number[];
  readonly now?: () => number;
}

/** Then a key that was withdrawn is not trusted any more. */
const freshMs = 5 * 60_000;
/** How long the last good set serves while its endpoint does not answer, and how often that is tried. */
const lastGoodMs = 24 * 60 * 60_000;
const afterFailureMs = 30_000;
/** Five fetches an issuer, one more every ten seconds: what an attacker with made-up key ids can cause. */
const bucketOfFetches = { size: 5, refillMs: 10_000 };
const retryMinMs = 1000;

export function createKeySet({ load, pause, pausesMs, now = monotonicMs }: KeySource): KeySet {
  const bucket = createFetchBucket(bucketOfFetches, now);
  let known: { keys: readonly PublishedKey[]; fetchedMs: number } | undefined;
  let freshUntilMs = 0;
  let running: Promise<"fetched" | "failed"> | undefined;

  async function loadOnce(): Promise<"fetched" | "failed"> {
    try {
      known = { keys: await load(), fetchedMs: now() };
      freshUntilMs = now() + freshMs;
      return "fetched";
    } catch {
      freshUntilMs = now() + afterFailureMs;
      return "failed";
    } finally {
      running = undefined;
    }
  }

  /** Callers at the same time share one fetch. */
  function fetchAgain(): Promise<"fetched" | "failed"> | "empty" {
    if (running) return running;
    if (!bucket.take()) return "empty";
    running = loadOnce();
    return running;
  }

  const waitMs = (): number => Math.max(bucket.waitMs(), retryMinMs);

  const look = async <T>(pick: PickKey<T>): Promise<T | undefined> =>
    known && now() - known.fetchedMs < lastGoodMs ? pick(known.keys) : undefined;

  return {
    known: async (pick) => (now() < freshUntilMs ? look(pick) : undefined),
    async warm() {
      if (now() >= freshUntilMs) await fetchAgain();
    },
    async find(pick) {
      if (now() < freshUntilMs) {
        const value = await look(pick);
        if (value !== undefined) return { kind: "found", value };
      }
      let answers = 0;
      for (const pauseMs of pausesMs) {
        if (pauseMs > 0) await pause(pauseMs);
        const outcome = await fetchAgain();
        const value = await look(pick);
        if (value !== undefined) return { kind: "found", value };
        if (outcome === "empty") return { kind: "unavailable", retryAfterMs: waitMs() };
        if (outcome === "fetched") answers += 1;
      }
      return answers === pausesMs.length
        ? { kind: "unknown" }
        : { kind: "unavailable", retryAfterMs: waitMs() };
    },
  };
}
