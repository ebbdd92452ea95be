import type { Context } from "hono";
import type { AppEnv } from "../app-env.ts";
import { OAuthProblem } from "./oauth-problem.ts";

/**
 * The parameters of a form post, or of the query of a GET. One that is given more than once is refused, an empty one
 * counts as left out (RFC 6749 section 3.1).
 * @throws {OAuthProblem} invalid_request
 */
export async function readParameters(c: Context<AppEnv>): Promise<ReadonlyMap<string, string>> {
  const parameters = c.req.method === "GET" ? new URL(c.req.url).searchParams : await readForm(c);
  const names = [...parameters.keys()];
  const repeated = names.find((name) => parameters.getAll(name).length > 1);
  if (repeated !== undefined)
    throw new OAuthProblem("invalid_request", "A parameter is given more than once.");
  return new Map([...parameters].filter(([, value]) => value !== ""));
}

async function readForm(c: Context<AppEnv>): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header("content-type") ?? ""))
    throw new OAuthProblem("invalid_request", "The body must be application/x-www-form-urlencoded.");
  return new URLSearchParams(await c.req.text());
}
