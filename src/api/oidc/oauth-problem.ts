import type { Context } from "hono";
import { answerOAuth } from "../answer-error.ts";
import type { AppEnv } from "../app-env.ts";
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
    return answerOAuth(c, deps, error);
  }
}
