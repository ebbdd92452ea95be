import type { Context } from "hono";
import { DatabaseError } from "../db/database-error.ts";
import { CodedError } from "../domain/coded-error.ts";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";
import type { AppEnv } from "./app-env.ts";
import { pathOf } from "./browser/path-of.ts";
import { failureAnswer, isFinalRefusal, refusalUrl } from "./browser/refusal.ts";
import type { ApiDeps } from "./deps.ts";
import { problem, sayWhenToRetry } from "./problem.ts";

// The one module that turns whatever was thrown into an answer: a problem for calls, a page for people's browsers, and
// the token endpoint's own shape. Each reports what operators must set right.

/** What nobody foresaw is `internal`. */
export function codeOf(error: unknown): ErrorCode {
  if (error instanceof CodedError) return error.code;
  return error instanceof DatabaseError && !error.isFinal ? "service_unavailable" : "internal";
}

/** `application/problem+json`. */
export function answerProblem(c: Context<AppEnv>, deps: ApiDeps, error: unknown): Response {
  const { code, retryAfterMs, errors } = reported(c, deps, error);
  return problem(c, code, retryAfterMs, errors);
}

/**
 * A page. `json`: a problem where the caller asks for it. `clean`, for callbacks: what is final leaves for a page of its
 * own, so that neither code nor state stays in the address bar.
 */
export function answerPage(
  c: Context<AppEnv>,
  deps: ApiDeps,
  error: unknown,
  { clean, json }: { readonly clean: boolean; readonly json: boolean },
): Response | Promise<Response> {
  const { code, microsoft, retryAfterMs, errors } = reported(c, deps, error);
  if (json && c.req.header("accept")?.includes("application/json"))
    return problem(c, code, retryAfterMs, errors);
  const view = { code, reference: c.get("requestId"), microsoft, at: new Date() };
  if (clean && deps.keyed && isFinalRefusal(code))
    return c.redirect(refusalUrl(deps.config.ssoOrigin, deps.keyed.refusalKeys, pathOf(c), view), 303);
  sayWhenToRetry(c, code, retryAfterMs);
  return failureAnswer(c, deps, view);
}

/** `{error, error_description}` (RFC 6749 section 5.2): our codes of the same name, else whether it passes. */
export function answerOAuth(c: Context<AppEnv>, deps: ApiDeps, error: unknown): Response {
  const { code, retryAfterMs, errors = [] } = reported(c, deps, error);
  const { detail, httpStatus } = factsOf(code);
  const description = errors.map(({ path, reason }) => `${path} ${reason}`).join("; ") || detail;
  const say = (word: string, status: 400 | 401 | 500 | 503): Response =>
    c.json({ error: word, error_description: description }, status);
  if (code === "invalid_client") {
    c.header("www-authenticate", 'Basic realm="sign-in"');
    return say(code, 401);
  }
  if (code === "invalid_grant" || code === "invalid_request") return say(code, 400);
  sayWhenToRetry(c, code, retryAfterMs);
  return httpStatus === 503 ? say("temporarily_unavailable", 503) : say("server_error", 500);
}

/** What an answer may tell of it. Operators are told by codes and names only. */
function reported(
  c: Context<AppEnv>,
  { log }: ApiDeps,
  error: unknown,
): { readonly code: ErrorCode } & Partial<Pick<CodedError, "microsoft" | "retryAfterMs" | "errors">> {
  const code = codeOf(error);
  const coded = error instanceof CodedError ? error : undefined;
  const requestId = c.get("requestId");
  c.set("code", code);
  c.set("microsoft", coded?.microsoft);
  const database = error instanceof DatabaseError ? error : undefined;
  if (database?.isRefusal)
    log.error("the database refuses a statement", { request_id: requestId, sqlstate: database.code });
  else if (code === "internal")
    log.error("unexpected error", {
      request_id: requestId,
      reason: database?.message ?? (error instanceof Error ? error.name : "unknown"),
    });
  return coded ?? { code };
}
