import type { Context } from "hono";
import { z } from "zod";
import type { AppEnv } from "../app-env.ts";
import { answer, describeRoute } from "../contract/route.ts";
import { identitySchema } from "../handoff/identity.schema.ts";
import { requireKeyed } from "../browser/sign-in-routes.ts";
import type { ApiDeps } from "../deps.ts";
import { isForm, parametersOf, readGiven } from "./form.ts";
import { oauthRefusals } from "./oauth.schema.ts";
import { answeringOAuth, OAuthProblem } from "./oauth-problem.ts";
import { oidcPaths } from "./paths.ts";

const userinfoSchema = identitySchema
  .partial({ email_verified: true, groups: true, groups_overage: true })
  .meta({ id: "Userinfo" });

export const userinfoRoute = describeRoute({
  methods: ["get", "post"],
  path: oidcPaths.userinfo,
  servedBy: "sso",
  operationId: "getUserinfo",
  tag: "OpenID Connect",
  summary: "The claims of the ID token, again",
  description: "As long as the token is good and the connection as it was.",
  caller: "token",
  body: {
    schema: z.object({ access_token: z.string().optional() }),
    isRequired: false,
    contentType: "application/x-www-form-urlencoded",
  },
  answers: {
    200: {
      description: "Those of the scopes that were asked for.",
      schema: userinfoSchema,
    },
    ...oauthRefusals({ 400: ["invalid_request"], 401: ["invalid_request", "invalid_token"] }),
  },
  refusals: [],
  refusesBy: { kind: "oauth" },
});

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
    return answer(c, userinfoRoute, 200, userinfoSchema.parse(claims));
  });
}

/** RFC 6750 sections 2.1 and 2.2; never from a query, which is kept in logs and histories. */
async function readToken(c: Context<AppEnv>): Promise<string | undefined> {
  const header = c.req.header("authorization");
  const bearer = header === undefined ? undefined : /^Bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1];
  // A body of any other type is none that could hold a token; clients announce JSON and send nothing.
  const isPosted = c.req.method === "POST" && isForm(c);
  const posted = isPosted
    ? parametersOf(await readGiven(c), ["access_token"]).get("access_token")
    : undefined;
  if (header !== undefined && posted !== undefined)
    throw new OAuthProblem("invalid_request", "The access token is given in two ways.");
  return bearer ?? posted;
}
