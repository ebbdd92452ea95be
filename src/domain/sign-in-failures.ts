import { type ErrorCode, factsOf } from "./error-codes.ts";

/** How often sign-ins with a connection were refused for a cause on a day (UTC). */
export interface FailureCount {
  readonly day: string;
  readonly code: ErrorCode;
  readonly count: number;
  readonly lastAt: Date;
}

/** What says nothing about the connection: another browser's, an old or another person's answer, and what its owners did. */
const notCounted: readonly ErrorCode[] = [
  "signin_state_invalid",
  "signin_other_person",
  "signin_suspended",
  "signin_disconnected",
];

/** Whether a refusal is counted. What passes is not: the same sign-in goes on after it. */
export function isCountedFailure(code: ErrorCode): boolean {
  return code.startsWith("signin_") && !notCounted.includes(code) && factsOf(code).httpStatus !== 503;
}
