import type { Context } from "hono";
import type { AppEnv } from "../app-env.ts";
import { requireKeyed } from "../browser/sign-in-routes.ts";
import type { ApiDeps } from "../deps.ts";
import { knownScopes } from "../../signin/oidc-claims.ts";
import { keySetSeconds } from "../../signin/signing-keys.ts";

/** Where the endpoints are, under the sso origin. */
export const oidcPaths = {
  authorize: "/v1/auth/authorize",
  token: "/v1/auth/token",
  userinfo: "/v1/auth/userinfo",
  endSession: "/v1/auth/end-session",
  keys: "/v1/auth/.well-known/jwks.json",
} as const;

const cacheable = `public, max-age=${keySetSeconds}`;

/**
 * `GET /.well-known/openid-configuration`, and as OAuth's own (RFC 8414). The issuer is the configured sso origin,
 * whatever `Host` says.
 */
export function discovery(c: Context<AppEnv>, { config }: ApiDeps): Response {
  const { ssoOrigin: issuer } = config;
  c.header("cache-control", cacheable);
  c.header("access-control-allow-origin", "*");
  return c.json({
    issuer,
    authorization_endpoint: issuer + oidcPaths.authorize,
    token_endpoint: issuer + oidcPaths.token,
    userinfo_endpoint: issuer + oidcPaths.userinfo,
    end_session_endpoint: issuer + oidcPaths.endSession,
    jwks_uri: issuer + oidcPaths.keys,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
    code_challenge_methods_supported: ["S256"],
    scopes_supported: knownScopes,
    claims_supported: [
      "sub",
      "iss",
      "aud",
      "exp",
      "iat",
      "nonce",
      "at_hash",
      "auth_time",
      "amr",
      "sid",
      "name",
      "email",
      "email_verified",
      "groups",
      "groups_overage",
      "connection_id",
      "organization_id",
      "project_id",
      "tid",
      "oid",
      "user_type",
    ],
    prompt_values_supported: ["none", "login", "select_account"],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    authorization_response_iss_parameter_supported: true,
  });
}

/** `GET /v1/auth/.well-known/jwks.json`: keys that signed, sign, or will (RFC 7517). */
export async function keySet(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const keys = await requireKeyed(deps).signingKeys.published();
  c.header("cache-control", cacheable);
  c.header("access-control-allow-origin", "*");
  return c.json(keys);
}
