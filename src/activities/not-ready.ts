import { CodedError } from "../domain/coded-error.ts";

const lookAgainMs = 2000;

/** What Microsoft does not show yet: looked for again in two seconds. */
export const notReady = (why: string): CodedError =>
  new CodedError("application_not_ready", why, { retryAfterMs: lookAgainMs });
