import { setTimeout as sleep } from "node:timers/promises";
import { CodedError } from "../domain/coded-error.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import { monotonicMs } from "../domain/monotonic-ms.ts";

export type BulkOutcome<T> =
  | { readonly item: T; readonly done: true }
  | { readonly item: T; readonly done: false; readonly code: ErrorCode };

/**
 * Does one thing to many, one after the other, and tells each outcome as it comes. A refusal with a code is an outcome;
 * whatever else is thrown ends it.
 * @param perSecond how many begin within a second at most
 */
export async function* inBulk<T>(
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
  { perSecond, stopOnError }: { readonly perSecond: number; readonly stopOnError: boolean },
): AsyncGenerator<BulkOutcome<T>> {
  const pauseMs = 1000 / perSecond;
  let nextAtMs = monotonicMs();
  for (const item of items) {
    await sleep(Math.max(0, nextAtMs - monotonicMs()));
    nextAtMs = Math.max(nextAtMs, monotonicMs()) + pauseMs;
    try {
      await act(item);
      yield { item, done: true };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      yield { item, done: false, code: error.code };
      if (stopOnError) return;
    }
  }
}
