import { ApplicationFailure, ApplicationFailureCategory } from "@temporalio/common";
import { DatabaseError } from "../db/database-error.ts";
import { CodedError } from "../domain/coded-error.ts";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";

/** How long a step tries again for a cause, in ms, where that is not what the code's row says. */
export type Patience = Partial<Record<ErrorCode, number>>;
/** What a cause that passes in most cases is called once its time is used up. */
const inTheEnd: Partial<Record<ErrorCode, ErrorCode>> = { permission_not_effective: "permission_denied" };
/** Whatever the causes, a step that can end ends after this. */
const stepPatienceMs = 24 * 60 * 60_000;
/** Temporal takes a delay of nothing for "no further attempt", and a long one must not outlast the cause's time. */
const delayBoundsMs = { least: 1000, most: 5 * 60_000 };

/**
 * Translates what an activity threw into the failure Temporal sees: type = error code, final when the code's time is
 * used up, `Retry-After` as the next delay. Pure; `sameCauseMs` counts from the first attempt that failed for this
 * cause, `elapsedMs` from the first attempt at all. The cause is dropped on purpose, and so is the stack: Temporal
 * would write both into the history.
 */
export function toApplicationFailure(
  error: unknown,
  time: { sameCauseMs: number; elapsedMs: number; retryDelayMs?: number | undefined },
  patience: Patience = {},
): ApplicationFailure {
  const code = codeOf(error);
  const retryForMs = patience[code] ?? factsOf(code).retryForMs;
  const nonRetryable =
    time.sameCauseMs >= retryForMs || (Number.isFinite(retryForMs) && time.elapsedMs >= stepPatienceMs);
  const askedMs = error instanceof CodedError ? error.retryAfterMs : undefined;
  const delayMs = time.retryDelayMs ?? boundedDelay(askedMs, retryForMs - time.sameCauseMs);
  const failure = ApplicationFailure.create({
    type: nonRetryable ? (inTheEnd[code] ?? code) : code,
    message:
      error instanceof CodedError || error instanceof DatabaseError ? error.message : factsOf(code).title,
    nonRetryable,
    ...(error instanceof CodedError && error.microsoft ? { details: [error.microsoft] } : {}),
    ...(nonRetryable ? {} : { category: ApplicationFailureCategory.BENIGN }),
    ...(delayMs === undefined || nonRetryable ? {} : { nextRetryDelay: delayMs }),
  });
  failure.stack = "";
  return failure;
}

/** Undefined leaves the delay to the step's own policy. */
function boundedDelay(askedMs: number | undefined, leftMs: number): number | undefined {
  if (askedMs === undefined || Number.isNaN(askedMs)) return undefined;
  return Math.max(delayBoundsMs.least, Math.min(askedMs, leftMs, delayBoundsMs.most));
}

/** Only what is wrong with the data itself ends a run. */
function codeOfDatabase({ isFinal, isRefusal }: DatabaseError): ErrorCode {
  if (isFinal) return "internal";
  return isRefusal ? "database_refused" : "database_unavailable";
}

/** The one place where whatever an activity threw becomes a code. */
export function codeOf(error: unknown): ErrorCode {
  if (error instanceof CodedError) return error.code;
  if (error instanceof DatabaseError) return codeOfDatabase(error);
  return "internal";
}
