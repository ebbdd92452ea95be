import { monotonicMs } from "./monotonic-ms.ts";

/** Allows a burst of fetches and then one at a time: what strangers can trigger must not become a flood elsewhere. */
export interface FetchBucket {
  /** Takes one; false when the bucket is empty. */
  take(): boolean;
  /** Ms until there is one again; 0 when there is. */
  waitMs(): number;
}

/** A bucket of `size`, refilled by one every `refillMs`. */
export function createFetchBucket(
  { size, refillMs }: { size: number; refillMs: number },
  now: () => number = monotonicMs,
): FetchBucket {
  let left = size;
  let countedMs = now();
  const refill = (): void => {
    const gained = Math.floor((now() - countedMs) / refillMs);
    if (gained <= 0) return;
    left = Math.min(size, left + gained);
    countedMs += gained * refillMs;
  };
  return {
    take() {
      refill();
      if (left === 0) return false;
      // A full bucket gains nothing, so its time begins with the first one taken.
      if (left === size) countedMs = now();
      left -= 1;
      return true;
    },
    waitMs() {
      refill();
      return left > 0 ? 0 : countedMs + refillMs - now();
    },
  };
}
