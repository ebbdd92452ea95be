import type { Context } from "hono";
import { z } from "zod";
import { accessTokenHash, identityClaims } from "../../signin/oidc-claims.ts";
import { tokenSeconds } from "../../signin/signing-keys.ts";
import { spendFor } from "../../signin/spend-code.ts";
import type { AppEnv } from "../app-env.ts";
import { answer, describeRoute } from "../contract/route.ts";
import { requireKeyed } from "../browser/sign-in-routes.ts";
import type { ApiDeps } from "../deps.ts";
import { parametersOf, readGiven } from "./form.ts";
import { oauthRefusals } from "./oauth.schema.ts";
import { answeringOAuth, OAuthProblem } from "./oauth-problem.ts";
import { oidcPaths } from "./paths.ts";

const formSchema = z.object({
  grant_type: z.literal("authorization_code"),
  code: z.string().min(1),
  redirect_uri: z.string().min(1),
  code_verifier: z.string().optional(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
});

export const tokenRoute = describeRoute({
  methods: ["post"],
  path: oidcPaths.token,
  servedBy: "sso",
  operationId: "getTokens",
  tag: "OpenID Connect",
  summary: "A one-use code for an ID token and an access token",
  description: "A second use of the code revokes what the first one gave.",
  caller: "client",
  body: { schema: formSchema, isRequired: true, contentType: "application/x-www-form-urlencoded" },
  answers: {
    200: {
      description: "The access token is for userinfo.",
      schema: z
        .object({
          access_token: z.string(),
          token_type: z.literal("Bearer"),
          expires_in: z.int().meta({ description: "Seconds." }),
          scope: z.string(),
          id_token: z.string(),
        })
        .meta({ id: "Tokens" }),
    },
    ...oauthRefusals({
      400: ["invalid_request", "invalid_grant", "unsupported_grant_type"],
      401: ["invalid_client"],
    }),
  },
  refusals: [],
  refusesBy: { kind: "oauth" },
});

/**
 * `POST /v1/auth/token`: a code for an ID token and an opaque access token, once (OpenID Connect Core 3.1.3). A second
 * use of the code revokes what the first one gave.
 */
export function tokenEndpoint(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  return answeringOAuth(c, deps, async () => {
    const { codes, signingKeys } = requireKeyed(deps);
    const { applications, ssoOrigin } = deps.config;
    const form = parametersOf(await readGiven(c), Object.keys(formSchema.shape));
    if (form.get("grant_type") !== "authorization_code")
      throw form.has("grant_type")
        ? new OAuthProblem("unsupported_grant_type", "Only authorization_code is taken here.")
        : new OAuthProblem("invalid_request", "grant_type is missing.");
    const credentials = {
      authorization: c.req.header("authorization"),
      clientId: form.get("client_id"),
      clientSecret: form.get("client_secret"),
    };
    const [code, redirectUri] = [form.get("code"), form.get("redirect_uri")];
    if (code === undefined) throw new OAuthProblem("invalid_request", "code is missing.");
    if (credentials.authorization === undefined && credentials.clientId === undefined)
      throw new OAuthProblem("invalid_request", "client_id is missing.");
    const spent = await spendFor({ codes, applications }, "oidc", {
      code,
      redirectUri: redirectUri ?? "",
      verifier: form.get("code_verifier"),
      credentials,
    });
    const { grant, purpose, application } = spent;
    const claims = identityClaims(grant, purpose.scopes);
    const accessToken = await codes.issueToken(spent, claims, tokenSeconds);
    const issuedAt = Math.floor(Date.now() / 1000);
    const idToken = await signingKeys.sign(
      {
        ...claims,
        iss: ssoOrigin,
        aud: application.clientId,
        iat: issuedAt,
        exp: issuedAt + tokenSeconds,
        at_hash: accessTokenHash(accessToken),
        sid: grant.sid,
        ...(purpose.nonce === undefined ? {} : { nonce: purpose.nonce }),
        ...grant.authentication,
      },
      { algorithm: "RS256", type: "JWT" },
    );
    return answer(c, tokenRoute, 200, {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: tokenSeconds,
      scope: purpose.scopes.join(" "),
      id_token: idToken,
    });
  });
}
