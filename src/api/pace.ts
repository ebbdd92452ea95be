import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs } from "../domain/monotonic-ms.ts";

export interface PaceLimits {
  /** What comes at once. */
  readonly burst: number;
  /** After that, one comes in so many ms. */
  readonly everyMs: number;
  readonly waitMsMax: number;
}

const keysMax = 10_000;

/**
 * Slows each key down to a pace, so that one that floods leaves the machine to the others. Resolves when it is the
 * caller's turn; false at once when that would take longer than `waitMsMax`, and then no turn was taken. Of one process.
 */
export function createPace({ burst, everyMs, waitMsMax }: PaceLimits): (key: string) => Promise<boolean> {
  /** When each key will have made up for its turns. */
  const evenAt = new Map<string, number>();
  const forgetEven = (nowMs: number): void => {
    for (const [key, atMs] of evenAt) if (atMs <= nowMs) evenAt.delete(key);
  };

  return async (key) => {
    const nowMs = monotonicMs();
    const evenMs = Math.max(nowMs, evenAt.get(key) ?? 0) + everyMs;
    const waitMs = evenMs - nowMs - burst * everyMs;
    if (waitMs > waitMsMax) return false;
    if (evenAt.size >= keysMax) forgetEven(nowMs);
    evenAt.set(key, evenMs);
    if (waitMs > 0) await sleep(waitMs);
    return true;
  };
}
