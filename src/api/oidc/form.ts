import type { Context } from "hono";
import type { AppEnv } from "../app-env.ts";
import { readText } from "../read-text.ts";
import { OAuthProblem } from "./oauth-problem.ts";

export function isForm(c: Context<AppEnv>): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(c.req.header("content-type") ?? "");
}

/** What a form post holds, or the query of a GET. @throws {OAuthProblem} invalid_request for another body */
export async function readGiven(c: Context<AppEnv>): Promise<URLSearchParams> {
  if (c.req.method === "GET") return new URL(c.req.url).searchParams;
  if (!isForm(c))
    throw new OAuthProblem("invalid_request", "The body must be application/x-www-form-urlencoded.");
  return new URLSearchParams(await readText(c));
}

/**
 * Parameters by name; an empty one counts as left out (RFC 6749 section 3.1). One of `names` that is given more than once
 * is refused. Of all others nothing is read, so they may come as often as some extension likes (`resource`, RFC 8707).
 * @throws {OAuthProblem} invalid_request
 */
export function parametersOf(given: URLSearchParams, names: readonly string[]): ReadonlyMap<string, string> {
  if (names.some((name) => given.getAll(name).length > 1))
    throw new OAuthProblem("invalid_request", "A parameter is given more than once.");
  return new Map([...given].filter(([, value]) => value !== ""));
}
