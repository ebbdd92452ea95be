/** Waits no longer than until the signal; what comes after it is undone. */
export async function unlessAborted<T>(
  signal: AbortSignal,
  work: Promise<T>,
  undo: (late: T) => Promise<void> = async () => undefined,
): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => {
      work.then(undo).catch(() => undefined);
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  return Promise.race([work, aborted]);
}
