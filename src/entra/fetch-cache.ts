import { MicrosoftError } from "./microsoft-error.ts";
import { monotonicMs } from "../domain/monotonic-ms.ts";

/** What a fetch gave, and for how long it serves. */
export interface Fetched<T> {
  readonly value: T;
  readonly goodForMs: number;
}

/** Answers of Microsoft's by key, for a process. */
export interface FetchCache<T> {
  /**
   * What is known and still good, else what `fetch` gives. Those who ask at the same time share one fetch, so it must
   * not end with one caller's signal. While Microsoft does not answer or says to wait, its last word is repeated for a
   * moment and nothing is sent.
   */
  get(key: string, fetch: () => Promise<Fetched<T>>): Promise<T>;
  drop(key: string): void;
}

/** Shorter than the first pause between the attempts of a step or of a callback, so that it costs none of them. */
const cooldownMs = 150;
const cooldownMsMax = 60_000;

type Entry<T> =
  | { readonly kind: "value"; readonly value: T; readonly untilMs: number }
  | { readonly kind: "refused"; readonly error: MicrosoftError; readonly untilMs: number };

/** @param entriesMax of more, the one that was used longest ago is forgotten */
export function createFetchCache<T>(entriesMax: number, now: () => number = monotonicMs): FetchCache<T> {
  // A map keeps the order in which entries were put, so the first is the one used longest ago.
  const entries = new Map<string, Entry<T>>();
  const running = new Map<string, Promise<T>>();

  const put = (key: string, entry: Entry<T>): void => {
    entries.delete(key);
    const [oldest] = entries.keys();
    if (oldest !== undefined && entries.size >= entriesMax) entries.delete(oldest);
    entries.set(key, entry);
  };

  async function fetchOnce(key: string, fetch: () => Promise<Fetched<T>>): Promise<T> {
    try {
      const { value, goodForMs } = await fetch();
      put(key, { kind: "value", value, untilMs: now() + goodForMs });
      return value;
    } catch (error) {
      if (error instanceof MicrosoftError && mayPass(error))
        put(key, { kind: "refused", error, untilMs: now() + pauseAfter(error) });
      throw error;
    } finally {
      running.delete(key);
    }
  }

  return {
    async get(key, fetch) {
      const known = entries.get(key);
      if (known && known.untilMs > now()) {
        put(key, known);
        if (known.kind === "refused") throw known.error;
        return known.value;
      }
      const fetching = running.get(key) ?? fetchOnce(key, fetch);
      running.set(key, fetching);
      return fetching;
    },
    drop: (key) => void entries.delete(key),
  };
}

/** No answer, an outage or throttling; what else Microsoft says may be otherwise a moment later. */
function mayPass({ facts: { status } }: MicrosoftError): boolean {
  return status === 0 || status === 429 || status >= 500;
}

function pauseAfter({ facts: { retryAfterMs } }: MicrosoftError): number {
  return Math.min(Math.max(retryAfterMs ?? 0, cooldownMs), cooldownMsMax);
}
