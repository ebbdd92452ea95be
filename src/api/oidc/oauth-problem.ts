import type { Context } from "hono";
import { CodedError } from "../../domain/coded-error.ts";
import { factsOf } from "../../domain/error-codes.ts";
import type { AppEnv } from "../app-env.ts";
import { codeOf, reportError, sayWhenToRetry } from "../problem.ts";
import type { ApiDeps } from "../deps.ts";

/** An error in OAuth's shape (RFC 6749 section 5.2). */
export class OAuthProblem extends Error {
  override readonly name = "OAuthProblem";
  readonly word: string;
  readonly description: string;

  constructor(word: string, description: string) {
    super(word);
    this.word = word;
    this.description = description;
  }
}

/** What the token endpoint says when it says no: `{error, error_description}`. */
export async function answeringOAuth(
  c: Context<AppEnv>,
  deps: ApiDeps,
  work: () => Promise<Response>,
): Promise<Response> {
  c.header("cache-control", "no-store");
  c.header("pragma", "no-cache");
  try {
    return await work();
  } catch (error) {
    if (error instanceof OAuthProblem)
      return c.json({ error: error.word, error_description: error.description }, 400);
    reportError(deps.log, c.get("requestId"), error);
    const code = codeOf(error);
    const { detail } = factsOf(code);
    if (code === "invalid_client") {
      c.header("www-authenticate", 'Basic realm="sign-in"');
      return c.json({ error: "invalid_client", error_description: detail }, 401);
    }
    if (code === "invalid_grant") return c.json({ error: "invalid_grant", error_description: detail }, 400);
    if (code === "invalid_request")
      return c.json({ error: "invalid_request", error_description: detail }, 400);
    const passes = factsOf(code).httpStatus === 503;
    sayWhenToRetry(c, code, error instanceof CodedError ? error.retryAfterMs : undefined);
    return c.json(
      { error: passes ? "temporarily_unavailable" : "server_error", error_description: detail },
      passes ? 503 : 500,
    );
  }
}
