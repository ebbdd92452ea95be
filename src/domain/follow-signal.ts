/**
 * Aborts `controller` as soon as `source` is aborted, also when it is already. Gives what ends that; a second call of it
 * does nothing. In place of `AbortSignal.any`, which forgets sources that nobody else holds: a time limit given to it is
 * gone with the next garbage collection.
 * @see https://github.com/nodejs/node/issues/57736 (read November 2026)
 */
export function followSignal(controller: AbortController, source: AbortSignal | undefined): () => void {
  if (!source) return () => undefined;
  const abort = (): void => controller.abort(source.reason);
  if (source.aborted) abort();
  source.addEventListener("abort", abort, { once: true });
  return () => source.removeEventListener("abort", abort);
}
