import { DatabaseError } from "./database-error.ts";

/**
 * Gives `work` up when it takes too long, and says so to it.
 * @throws {DatabaseError} `no_answer`, or `no_place` when it had only been waiting for its turn
 */
export async function withDeadline<T>(work: (signal: AbortSignal) => Promise<T>, ms: number): Promise<T> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late.abort();
      // Whoever waits for a turn says so first.
      setImmediate(() => reject(new DatabaseError("no_answer", undefined)));
    }, ms);
  });
  try {
    return await Promise.race([work(late.signal), deadline]);
  } catch (error) {
    const isWaiting = error instanceof DatabaseError && error.code === "no_place";
    throw late.signal.aborted && !isWaiting ? new DatabaseError("no_answer", undefined) : error;
  } finally {
    clearTimeout(timer);
  }
}
