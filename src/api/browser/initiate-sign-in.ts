import type { Context } from "hono";
import { z } from "zod";
import { CodedError } from "../../domain/coded-error.ts";
import { addressCharactersMax, readDomain } from "../../domain/entra-domain.ts";
import type { SignInPurpose } from "../../domain/sign-in-purpose.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import type { AppEnv } from "../app-env.ts";
import { connectionPath } from "../contract/fields.ts";
import { describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { readQuery } from "../read-input.ts";
import { clientAddressOf } from "./client-address.ts";
import { leave, requireSignIn } from "./sign-in-routes.ts";

/** S256 of a verifier (RFC 7636 section 4.2). */
export const challengeSchema = z.string().regex(/^[\w-]{43}$/, { error: "must be an S256 challenge" });
export const loginHintSchema = z
  .string()
  .regex(/^\P{C}{1,320}$/u, { error: "must be 1 to 320 printable characters" });
export const domainHintSchema = z.string().min(1).max(addressCharactersMax);

const initiateSchema = z.object({
  project_id: z.string().optional(),
  organization_id: z.string().optional(),
  redirect_uri: z.string().min(1).optional(),
  client_state_nonce: z
    .string()
    .regex(/^[\w-]{22,128}$/, { error: "must be 22 to 128 characters of A-Z a-z 0-9 _ -" })
    .optional(),
  code_challenge: challengeSchema.optional(),
  code_challenge_method: z.literal("S256").optional(),
  login_hint: loginHintSchema.optional(),
  prompt: z.enum(["none", "login", "select_account"]).optional(),
  domain_hint: domainHintSchema.optional(),
});

export const initiateRoute = describeRoute({
  methods: ["get"],
  path: "/v1/sso/connections/{connectionId}/initiate",
  servedBy: "sso",
  operationId: "initiateSignIn",
  tag: "Sign-in",
  summary: "Begin a sign-in, the platform's way",
  description: "Without `redirect_uri` it is the test sign-in, which ends on a page of ours.",
  caller: "browser",
  parameters: connectionPath,
  query: initiateSchema,
  answers: { 303: { description: "On to Microsoft.", headers: { Location: "Microsoft's address." } } },
  refusals: [
    "not_found",
    "redirect_uri_not_registered",
    "too_many_unknown_organizations",
    "signin_suspended",
    "signin_disconnected",
    "sealing_key_unavailable",
  ],
  refusesBy: { kind: "page", clean: false, json: true },
});

/**
 * `GET /v1/sso/connections/{connectionId}/initiate`: the platform's way to sign in. With `redirect_uri` the browser ends
 * there with a code; without, on a page of ours that shows what the connection says (the test sign-in).
 * @throws {CodedError} invalid_request, not_found, redirect_uri_not_registered: nobody is sent anywhere then
 */
export async function initiateSignIn(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { signIn, connection } = await requireSignIn(c, deps);
  const query = readQuery(c, initiateSchema, ["login_hint", "prompt", "domain_hint"]);
  const isForeign =
    (query.project_id ?? connection.projectId) !== connection.projectId ||
    (query.organization_id ?? connection.orgId) !== connection.orgId;
  if (isForeign) throw new CodedError("not_found");
  const visitor = clientAddressOf(c, deps.config.trustedProxies);
  const hints = {
    loginHint: query.login_hint,
    prompt: query.prompt,
    domainHint: await domainOf(deps, connection, query.domain_hint, visitor),
  };
  return leave(c, signIn, await signIn.begin(connection, handoffOf(deps, connection, query), hints));
}

function handoffOf(
  { config }: ApiDeps,
  connection: SsoConnection,
  query: z.infer<typeof initiateSchema>,
): SignInPurpose {
  if (query.redirect_uri === undefined) return { kind: "test" };
  const { redirect_uri: redirectUri, client_state_nonce: nonce, code_challenge: challenge } = query;
  const missing = Object.entries({ project_id: query.project_id, client_state_nonce: nonce })
    .filter(([, value]) => value === undefined)
    .map(([path]) => ({ path, reason: "is missing" }));
  if (nonce === undefined || missing.length > 0)
    throw new CodedError("invalid_request", undefined, { errors: missing });
  const application = config.applications.find(
    (one) => one.projectId === connection.projectId && one.redirectUris.includes(redirectUri),
  );
  if (!application) throw new CodedError("redirect_uri_not_registered");
  if (application.clientSecretSha256 === undefined && !application.isBareHandoff && challenge === undefined)
    throw new CodedError("invalid_request", undefined, {
      errors: [{ path: "code_challenge", reason: "is missing; an application without a secret needs it" }],
    });
  return { kind: "handoff", clientId: application.clientId, redirectUri, nonce, challenge };
}

/** Only a domain of the connection's directory is passed on. @throws {CodedError} not_found for any other */
async function domainOf(
  { directories }: ApiDeps,
  { entraDomain, entraTenantId }: SsoConnection,
  hint: string | undefined,
  visitor: string,
): Promise<string | undefined> {
  if (hint === undefined) return undefined;
  const domain = readDomain(hint);
  const isTheirs =
    domain !== undefined &&
    (domain === entraDomain || (await directories.tenantOf(domain, visitor)) === entraTenantId);
  if (!isTheirs) throw new CodedError("not_found");
  return domain;
}
