import type { Context } from "hono";
import type { AppEnv } from "../app-env.ts";
import { requireKeyed } from "../browser/sign-in-routes.ts";
import type { ApiDeps } from "../deps.ts";
import { readParameters } from "./form.ts";
import { answeringOAuth, OAuthProblem } from "./oauth-problem.ts";

/**
 * `GET` and `POST /v1/auth/userinfo` (OpenID Connect Core 5.3): the claims of the ID token, as long as the token is good
 * and the connection as it was. 401 with `invalid_token` for any other.
 */
export function userinfo(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  return answeringOAuth(c, deps, async () => {
    const token = await readToken(c);
    if (token === undefined) {
      c.header("www-authenticate", "Bearer");
      return c.json({ error: "invalid_request", error_description: "The access token is missing." }, 401);
    }
    const claims = await requireKeyed(deps).codes.readToken(token);
    if (!claims) {
      const description = "The access token is over, unknown or revoked.";
      c.header("www-authenticate", `Bearer error="invalid_token", error_description="${description}"`);
      return c.json({ error: "invalid_token", error_description: description }, 401);
    }
    return c.json(claims);
  });
}

/** RFC 6750 sections 2.1 and 2.2; never from a query, which is kept in logs and histories. */
async function readToken(c: Context<AppEnv>): Promise<string | undefined> {
  const header = c.req.header("authorization");
  const bearer = header === undefined ? undefined : /^Bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1];
  const isForm = c.req.method === "POST" && c.req.header("content-type") !== undefined;
  const posted = isForm ? (await readParameters(c)).get("access_token") : undefined;
  if (header !== undefined && posted !== undefined)
    throw new OAuthProblem("invalid_request", "The access token is given in two ways.");
  return bearer ?? posted;
}
