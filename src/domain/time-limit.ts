import { followSignal } from "./follow-signal.ts";

export interface TimeLimit {
  /** Aborted when the time is up, or with whoever cancels. */
  readonly signal: AbortSignal;
  /** Whether the time is up; not when it was cancelled before. */
  readonly isOver: () => boolean;
}

/** Tells `work` when `ms` have gone by or it is cancelled. Whether it then ends is up to the work. */
export async function withTimeLimit<T>(
  { ms, cancelled }: { readonly ms: number; readonly cancelled?: AbortSignal | undefined },
  work: (limit: TimeLimit) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  let isOver = false;
  // The timer holds the controller, so that it comes whatever is collected meanwhile.
  const timer = setTimeout(() => {
    isOver = !stop.signal.aborted;
    stop.abort(new DOMException("The time is up", "TimeoutError"));
  }, ms);
  const leave = followSignal(stop, cancelled);
  try {
    return await work({ signal: stop.signal, isOver: () => isOver });
  } finally {
    clearTimeout(timer);
    leave();
  }
}
