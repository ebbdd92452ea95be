import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { DatabaseError } from "../db/database-error.ts";
import { CodedError } from "../domain/coded-error.ts";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";
import type { FieldError } from "../domain/field-error.ts";
import type { Logger } from "../domain/logger.ts";
import type { AppEnv } from "./app-env.ts";

/** The one place where whatever was thrown becomes a code. What nobody foresaw is `internal`. */
export function codeOf(error: unknown): ErrorCode {
  if (error instanceof CodedError) return error.code;
  return error instanceof DatabaseError && !error.isFinal ? "service_unavailable" : "internal";
}

/** What people wait for where nobody said a time. */
const usualWaitMs = 5000;

/** `Retry-After`, for whatever passes by itself. */
export function sayWhenToRetry(c: Context<AppEnv>, code: ErrorCode, retryAfterMs: number | undefined): void {
  const { httpStatus, who } = factsOf(code);
  const waitMs = retryAfterMs ?? (httpStatus === 503 && who === "wait" ? usualWaitMs : undefined);
  // Never 0: a client that takes it literally would come back at once.
  if (waitMs !== undefined) c.header("retry-after", String(Math.max(1, Math.ceil(waitMs / 1000))));
}

/** Tells operators of what they must set right, by codes and names only. */
export function reportError(log: Logger, requestId: string, error: unknown): void {
  const database = error instanceof DatabaseError ? error : undefined;
  if (database?.isRefusal)
    log.error("the database refuses a statement", { request_id: requestId, sqlstate: database.code });
  else if (codeOf(error) === "internal")
    log.error("unexpected error", {
      request_id: requestId,
      reason: database?.message ?? (error instanceof Error ? error.name : "unknown"),
    });
}

/**
 * `application/problem+json` (RFC 9457). Texts come from the table; nothing of the request is echoed. `errors` names
 * each part of the call that is wrong; every 400 has it.
 */
export function problem(
  c: Context<AppEnv>,
  code: ErrorCode,
  retryAfterMs?: number,
  errors?: readonly FieldError[],
): Response {
  const { httpStatus, title, detail, action } = factsOf(code);
  sayWhenToRetry(c, code, retryAfterMs);
  if (httpStatus === 401) c.header("www-authenticate", "Bearer");
  const body = {
    type: `urn:authio:problem:${code}`,
    title,
    status: httpStatus,
    detail,
    code,
    message: detail,
    action,
    request_id: c.get("requestId"),
    ...errorsOf(httpStatus, errors, detail),
  };
  return c.body(JSON.stringify(body), httpStatus as ContentfulStatusCode, {
    "content-type": "application/problem+json",
  });
}

function errorsOf(
  httpStatus: number,
  errors: readonly FieldError[] | undefined,
  detail: string,
): { errors?: readonly FieldError[] } {
  if (errors !== undefined) return { errors };
  return httpStatus === 400 ? { errors: [{ path: "", reason: detail }] } : {};
}
