import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";
import type { FieldError } from "../domain/field-error.ts";
import type { AppEnv } from "./app-env.ts";
import type { Problem } from "./contract/problem.schema.ts";

/** What people wait for where nobody said a time. */
const usualWaitMs = 5000;

/** `Retry-After`, for whatever passes by itself. */
export function sayWhenToRetry(c: Context<AppEnv>, code: ErrorCode, retryAfterMs: number | undefined): void {
  const { httpStatus, who } = factsOf(code);
  const waitMs = retryAfterMs ?? (httpStatus === 503 && who === "wait" ? usualWaitMs : undefined);
  // Never 0: a client that takes it literally would come back at once.
  if (waitMs !== undefined) c.header("retry-after", String(Math.max(1, Math.ceil(waitMs / 1000))));
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
  c.set("code", code);
  sayWhenToRetry(c, code, retryAfterMs);
  if (httpStatus === 401)
    c.header("www-authenticate", code === "invalid_client" ? 'Basic realm="sign-in"' : "Bearer");
  const body: Problem = {
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
): Pick<Problem, "errors"> {
  if (errors !== undefined) return { errors: [...errors] };
  return httpStatus === 400 ? { errors: [{ path: "", reason: detail }] } : {};
}
