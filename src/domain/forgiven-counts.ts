import { monotonicMs } from "./monotonic-ms.ts";

/** Counts what went wrong for each of many, and forgives one after the other. Of one process, in memory. */
export interface ForgivenCounts {
  /** What is not forgiven yet: a fraction while the next one is on its way. */
  countOf(key: string): number;
  add(key: string): void;
  /** Ms until one more would be let through; 0 when it would. */
  waitMs(key: string): number;
}

const keysMax = 10_000;

/** At most `max` are counted, so whoever reached it waits for one only. */
export function createForgivenCounts(
  { max, forgivenAfterMs }: { max: number; forgivenAfterMs: number },
  now: () => number = monotonicMs,
): ForgivenCounts {
  const counts = new Map<string, { count: number; atMs: number }>();
  function countOf(key: string): number {
    const known = counts.get(key);
    const left = known === undefined ? 0 : Math.max(0, known.count - (now() - known.atMs) / forgivenAfterMs);
    if (left === 0) counts.delete(key);
    return left;
  }
  return {
    countOf,
    add(key) {
      const count = Math.min(max, countOf(key) + 1);
      if (counts.size >= keysMax && !counts.has(key)) counts.delete(counts.keys().next().value ?? "");
      counts.set(key, { count, atMs: now() });
    },
    waitMs(key) {
      const beyond = countOf(key) - max + 1;
      return beyond > 0 ? beyond * forgivenAfterMs : 0;
    },
  };
}
