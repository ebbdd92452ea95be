const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
/** npm and the terminal send the same Ctrl-C: what comes so soon after the first is no second wish. */
const echoMs = 700;

/**
 * Aborted at the first SIGINT, SIGTERM or SIGHUP (a closed terminal). A second SIGINT or SIGTERM ends the process at
 * once. Call it before anything slow: from then on no signal ends the process halfway.
 */
export function abortOnSignal(): AbortSignal {
  const interrupted = new AbortController();
  let firstMs: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    firstMs ??= performance.now();
    interrupted.abort(new Error("interrupted"));
    if (signal !== "SIGHUP" && performance.now() - firstMs > echoMs)
      process.exit(exitCodes[signal as keyof typeof exitCodes]);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  return interrupted.signal;
}

/** Resolves at the first signal. */
export function untilSignal(): Promise<void> {
  const interrupted = abortOnSignal();
  return new Promise((resolve) => interrupted.addEventListener("abort", () => resolve(), { once: true }));
}
