import type { Context } from "hono";
import { accessTokenHash, identityClaims } from "../../signin/oidc-claims.ts";
import { tokenSeconds } from "../../signin/signing-keys.ts";
import { spendFor } from "../../signin/spend-code.ts";
import type { AppEnv } from "../app-env.ts";
import { requireKeyed } from "../browser/sign-in-routes.ts";
import type { ApiDeps } from "../deps.ts";
import { readParameters } from "./form.ts";
import { answeringOAuth, OAuthProblem } from "./oauth-problem.ts";

/**
 * `POST /v1/auth/token`: a code for an ID token and an opaque access token, once (OpenID Connect Core 3.1.3). A second
 * use of the code revokes what the first one gave.
 */
export function tokenEndpoint(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  return answeringOAuth(c, deps, async () => {
    const { codes, signingKeys } = requireKeyed(deps);
    const { applications, ssoOrigin } = deps.config;
    const form = await readParameters(c);
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
    return c.json({
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: tokenSeconds,
      scope: purpose.scopes.join(" "),
      id_token: idToken,
    });
  });
}
