/** Bodies of every route, in bytes, but for forms that stand for an address. */
export const bodyBytesMax = 8 * 1024;
/**
 * Request line, cookies and the rest, in bytes: Microsoft's codes and error texts come in the query, of kilobytes at
 * times, and so do ID tokens with many groups. Whatever may be asked by address may be asked by a form, too.
 */
export const headerBytesMax = 64 * 1024;
/** Event streams of one request in one browser; further tabs ask from time to time instead. */
export const streamsPerRequestMax = 3;
/** Of one browser, whatever it looks at. */
export const streamsPerBrowserMax = 12;
/** Of one process: a socket and some 20 KiB each. */
export const streamsPerProcessMax = 4000;
/**
 * Starts and proofs of one process: so many at once, the others wait in line for their turn and are told to come again
 * where it does not come. One organization has half of the places, and comes ten times a second once it has come more
 * often than its people may in a day.
 */
export const admissionLimits = {
  running: 16,
  runningOfKey: 8,
  waiting: 512,
  waitingOfKey: 64,
  waitMs: 10_000,
  paceOfKey: { burst: 60, everyMs: 100, waitMsMax: 10_000 },
} as const;
/**
 * Runs of one tenant that may be open at a time; the rest wait as rows. Microsoft throttles by tenant, so more would
 * only pile up in the worker.
 */
export const openRunsPerTenantMax = 10;
