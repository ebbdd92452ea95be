import type { Environment } from "./environment.ts";

/** How many days ended things are kept; undefined: for ever. */
export interface Retention {
  readonly clickDays: number | undefined;
  readonly eventDays: number | undefined;
}

/** The database refuses to forget sooner. */
const daysMin = 30;
const daysMax = 36_500;

/** How long ended clicks and operations, and events, are kept. 0 is for ever. */
export function readRetention(env: Environment): Retention {
  const days = (name: string, usual: number): number | undefined => {
    const given = env.wholeNumber(name, usual, { min: 0, max: daysMax });
    if (given > 0 && given < daysMin)
      env.problem(name, `must be at least ${daysMin} days, or 0 to keep everything`);
    return given === 0 ? undefined : given;
  };
  return {
    clickDays: days("AUTHIO_MS_KEEP_REQUESTS_DAYS", 400),
    eventDays: days("AUTHIO_KEEP_EVENTS_DAYS", 90),
  };
}
