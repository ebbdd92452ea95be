import type { Context } from "hono";
import { z } from "zod";
import type { AppEnv } from "../app-env.ts";
import { address } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import { requireKeyed } from "../browser/sign-in-routes.ts";
import type { ApiDeps } from "../deps.ts";
import { knownScopes } from "../../signin/oidc-claims.ts";
import { keySetSeconds } from "../../signin/signing-keys.ts";
import { oidcPaths } from "./paths.ts";

const cacheable = `public, max-age=${keySetSeconds}`;

const words = z.array(z.string()).readonly();
const discovered = {
  methods: ["get"],
  servedBy: "sso",
  tag: "OpenID Connect",
  caller: "anybody",
  answers: {
    200: {
      description: "Issuer, endpoints and what they take.",
      schema: z
        .object({
          issuer: address,
          authorization_endpoint: address,
          token_endpoint: address,
          userinfo_endpoint: address,
          end_session_endpoint: address,
          jwks_uri: address,
          response_types_supported: words,
          response_modes_supported: words,
          grant_types_supported: words,
          subject_types_supported: words,
          id_token_signing_alg_values_supported: words,
          token_endpoint_auth_methods_supported: words,
          code_challenge_methods_supported: words,
          scopes_supported: words,
          claims_supported: words,
          prompt_values_supported: words,
          claims_parameter_supported: z.boolean(),
          request_parameter_supported: z.boolean(),
          request_uri_parameter_supported: z.boolean(),
          authorization_response_iss_parameter_supported: z.boolean(),
        })
        .meta({ id: "Discovery" }),
    },
  },
  refusals: [],
  refusesBy: { kind: "problem" },
} as const;

export const discoveryRoute = describeRoute({
  ...discovered,
  path: "/.well-known/openid-configuration",
  operationId: "discover",
  summary: "What stock clients configure themselves from",
});

export const oauthDiscoveryRoute = describeRoute({
  ...discovered,
  path: "/.well-known/oauth-authorization-server",
  operationId: "discoverOAuth",
  summary: "The same, where OAuth clients look (RFC 8414)",
});

export const keySetRoute = describeRoute({
  methods: ["get"],
  path: oidcPaths.keys,
  servedBy: "sso",
  operationId: "getKeys",
  tag: "OpenID Connect",
  summary: "Keys that signed, sign, or will (RFC 7517)",
  caller: "anybody",
  answers: {
    200: {
      description: "Public keys only.",
      schema: z.object({
        keys: z.array(
          z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string(), use: z.literal("sig") }),
        ),
      }),
    },
  },
  refusals: ["sealing_key_unavailable"],
  refusesBy: { kind: "problem" },
});

/**
 * `GET /.well-known/openid-configuration`, and as OAuth's own (RFC 8414). The issuer is the configured sso origin,
 * whatever `Host` says.
 */
export function discovery(c: Context<AppEnv>, { config }: ApiDeps): Response {
  const { ssoOrigin: issuer } = config;
  c.header("cache-control", cacheable);
  return answer(c, discoveryRoute, 200, {
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
  return c.json(keys);
}
