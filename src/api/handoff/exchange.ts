import type { Context } from "hono";
import { z } from "zod";
import { CodedError } from "../../domain/coded-error.ts";
import { isSame } from "../../signin/client-authentication.ts";
import { spendFor } from "../../signin/spend-code.ts";
import type { AppEnv } from "../app-env.ts";
import { answer, describeRoute } from "../contract/route.ts";
import { requireKeyed } from "../browser/sign-in-routes.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody } from "../read-input.ts";
import { allowsOrigin } from "./application-origins.ts";
import { identitySchema } from "./identity.schema.ts";

const text = z.string().min(1).max(2048);
export const exchangeBodySchema = z.strictObject({
  code: text,
  redirect_uri: text,
  client_state_nonce: text,
  // Of any shape: a wrong one spends the code too.
  code_verifier: text.optional(),
  organization_id: text.optional(),
  connection_id: text.optional(),
  client_id: text.optional(),
  // Empty is none, as in a header.
  client_secret: z.string().max(2048).optional(),
});

export const exchangeRoute = describeRoute({
  methods: ["post"],
  path: "/v1/auth/session-handoff/exchange",
  servedBy: "sso",
  operationId: "exchangeCode",
  tag: "Sign-in",
  summary: "A one-use code for an access token and the identity",
  description: "The code is spent by the call, right or wrong.",
  caller: "client",
  body: { schema: exchangeBodySchema, isRequired: true },
  answers: {
    200: {
      description: "Who signed in.",
      schema: z
        .object({
          access_token: z.string(),
          token_type: z.literal("Bearer"),
          expires_in: z.int().meta({ description: "Seconds." }),
          identity: identitySchema,
        })
        .meta({ id: "ExchangedCode" }),
    },
  },
  refusals: ["invalid_client", "invalid_grant", "sealing_key_unavailable"],
  refusesBy: { kind: "problem" },
});

/**
 * `POST /v1/auth/session-handoff/exchange`: a code for an access token and the identity, once. The application shows who
 * it is by its secret, by the verifier of its challenge, or, where its entry says so, by the nonce alone.
 * @throws {CodedError} invalid_request, invalid_client, invalid_grant
 */
export async function exchangeHandoff(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { codes, tokenMint } = requireKeyed(deps);
  const { applications } = deps.config;
  if (!/^application\/json\b/i.test(c.req.header("content-type") ?? ""))
    throw new CodedError("invalid_request", undefined, {
      errors: [{ path: "content-type", reason: "must be application/json" }],
    });
  const body = await readBody(c, exchangeBodySchema);
  const { application, grant, purpose } = await spendFor({ codes, applications }, "handoff", {
    code: body.code,
    redirectUri: body.redirect_uri,
    verifier: body.code_verifier,
    credentials: {
      authorization: c.req.header("authorization"),
      clientId: body.client_id,
      clientSecret: body.client_secret,
    },
  });
  const { identity, sid } = grant;
  const isAsExpected =
    isSame(body.client_state_nonce, purpose.nonce) &&
    (body.organization_id ?? identity.organization_id) === identity.organization_id &&
    (body.connection_id ?? identity.connection_id) === identity.connection_id;
  const origin = c.req.header("origin");
  if (!isAsExpected || (origin !== undefined && !allowsOrigin(application, origin)))
    throw new CodedError("invalid_grant");
  const { accessToken, expiresIn } = await tokenMint.mint({ identity, application, sid });
  return answer(c, exchangeRoute, 200, {
    access_token: accessToken,
    token_type: "Bearer",
    expires_in: expiresIn,
    identity,
  });
}
