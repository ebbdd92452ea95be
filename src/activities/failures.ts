import { ApplicationFailure, ApplicationFailureCategory } from "@temporalio/common";
import { DatabaseError } from "../db/database-error.ts";
import { CodedError } from "../domain/coded-error.ts";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";
import { SealingError } from "../sealing/envelope.ts";

/**
 * Translates what an activity threw into the failure Temporal sees: type = error code, final when the code's time is
 * used up, `Retry-After` as the next delay. Pure; `elapsedMs` counts from the activity's first attempt. The cause is
 * dropped on purpose, and so is the stack: Temporal would write both into the history.
 */
export function toApplicationFailure(error: unknown, elapsedMs: number): ApplicationFailure {
  const code = codeOf(error);
  const nonRetryable = elapsedMs >= factsOf(code).retryForMs;
  const retryAfterMs = error instanceof CodedError ? error.retryAfterMs : undefined;
  const failure = ApplicationFailure.create({
    type: code,
    message:
      error instanceof CodedError || error instanceof DatabaseError ? error.message : factsOf(code).title,
    nonRetryable,
    ...(error instanceof CodedError && error.microsoft ? { details: [error.microsoft] } : {}),
    ...(nonRetryable ? {} : { category: ApplicationFailureCategory.BENIGN }),
    ...(retryAfterMs === undefined || nonRetryable ? {} : { nextRetryDelay: retryAfterMs }),
  });
  failure.stack = "";
  return failure;
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof CodedError) return error.code;
  if (error instanceof DatabaseError) return error.isFinal ? "internal" : "database_unavailable";
  if (error instanceof SealingError)
    return error.reason === "unknown_key" ? "sealing_key_unavailable" : "internal";
  return "internal";
}
