import { z } from "zod";
import type { Application } from "../../domain/application.ts";
import type { OidcPurpose } from "../../domain/sign-in-purpose.ts";
import { knownScopes } from "../../signin/oidc-claims.ts";
import type { SignInHints } from "../../entra/sign-in-url.ts";
import { challengeSchema, domainHintSchema, loginHintSchema } from "../browser/initiate-sign-in.ts";
import type { IdTokenHint } from "./id-token-hint.ts";
import { OAuthProblem } from "./oauth-problem.ts";

/** What an application asks for, once it is known who asks and where the answer goes. */
export interface AuthorizeRequest {
  readonly purpose: OidcPurpose;
  readonly hints: Omit<SignInHints, "domainHint">;
  readonly connection: string | undefined;
  readonly organizationId: string | undefined;
  readonly tenantId: string | undefined;
  readonly domainHint: string | undefined;
}

/** Beside `client_id` and `redirect_uri`, which are read before. */
export const authorizeParametersSchema = z.object({
  response_type: z.string(),
  scope: z.string(),
  state: z.string().max(2048).optional(),
  nonce: z.string().max(512).optional(),
  code_challenge: challengeSchema.optional(),
  code_challenge_method: z.literal("S256").optional(),
  response_mode: z.literal("query").optional(),
  prompt: z.string().optional(),
  max_age: z
    .string()
    .regex(/^\d{1,9}$/)
    .optional(),
  login_hint: loginHintSchema.optional(),
  id_token_hint: z.string().optional(),
  domain_hint: domainHintSchema.optional(),
  connection: z.string().max(255).optional(),
  organization_id: z.string().max(255).optional(),
});

/** With the word that says so. */
export const unsupported = {
  request: "request_not_supported",
  request_uri: "request_uri_not_supported",
  registration: "registration_not_supported",
} as const;
/** Some clients ask for another by default, and their developers read this. */
const onlyOne: Readonly<Record<string, string>> = {
  response_mode: "Only response_mode=query is supported.",
  code_challenge_method: "Only code_challenge_method=S256 is supported.",
};
/** `consent` asks for a page of ours; there is none, for nothing is asked beyond the sign-in. */
const prompts = ["none", "login", "select_account", "consent"];

/**
 * Reads an authentication request (OpenID Connect Core 3.1.2.1).
 * @param hint what `id_token_hint` says: that person is to sign in, in that organization unless another is named
 * @param nowMs when it came; `max_age` counts from here
 * @throws {OAuthProblem} with the word of the registry
 */
export function readAuthorizeRequest(
  application: Application,
  redirectUri: string,
  parameters: ReadonlyMap<string, string>,
  hint: IdTokenHint | undefined,
  nowMs: number,
): AuthorizeRequest {
  for (const [name, word] of Object.entries(unsupported))
    if (parameters.has(name)) throw new OAuthProblem(word, `The parameter ${name} is not taken here.`);
  const read = authorizeParametersSchema.safeParse(Object.fromEntries(parameters));
  if (!read.success) throw new OAuthProblem("invalid_request", complaintOf(read.error.issues[0]));
  const query = read.data;
  if (query.response_type !== "code")
    throw new OAuthProblem("unsupported_response_type", "Only the code flow is supported.");
  const asked = query.scope.split(" ");
  if (!asked.includes("openid")) throw new OAuthProblem("invalid_scope", "The scope must contain openid.");
  requireBinding(application, query);
  const prompt = readPrompt(query.prompt);
  const maxAge = query.max_age === undefined ? undefined : Number(query.max_age);
  const nowSeconds = Math.floor(nowMs / 1000);
  const mustBeFresh = prompt === "login" || maxAge !== undefined;
  return {
    purpose: {
      kind: "oidc",
      clientId: application.clientId,
      redirectUri,
      state: query.state,
      nonce: query.nonce,
      challenge: query.code_challenge,
      scopes: knownScopes.filter((scope) => asked.includes(scope)),
      authenticatedSince: mustBeFresh ? nowSeconds - (prompt === "login" ? 0 : (maxAge ?? 0)) : undefined,
      subject: hint?.sub,
    },
    // Microsoft knows no max_age: it is asked to have the person sign in, and what it says of the time is compared.
    hints: { loginHint: query.login_hint, prompt: mustBeFresh && prompt !== "none" ? "login" : prompt },
    ...whoseOf(query, hint),
  };
}

/** In words of ours, for the developer who reads the answer. */
function complaintOf(issue: z.core.$ZodIssue | undefined): string {
  const name = String(issue?.path[0] ?? "");
  if (issue?.code === "too_big")
    return `The parameter ${name} is longer than ${String(issue.maximum)} characters.`;
  return onlyOne[name] ?? `The parameter ${name} is missing or malformed.`;
}

/** Whose people are to sign in. */
function whoseOf(
  query: Pick<z.infer<typeof authorizeParametersSchema>, "connection" | "organization_id" | "domain_hint">,
  hint: IdTokenHint | undefined,
): Pick<AuthorizeRequest, "connection" | "organizationId" | "tenantId" | "domainHint"> {
  const { connection, organization_id: organizationId, domain_hint: domainHint } = query;
  const isSaid = [connection, organizationId, domainHint].some((one) => one !== undefined);
  if (isSaid || hint === undefined) return { connection, organizationId, tenantId: undefined, domainHint };
  return { connection, organizationId: hint.organizationId, tenantId: hint.tid, domainHint };
}

/** A code that leaks must be worth nothing to others (RFC 9700 section 2.1.1). */
function requireBinding(
  { clientSecretSha256 }: Application,
  query: Pick<
    z.infer<typeof authorizeParametersSchema>,
    "code_challenge" | "code_challenge_method" | "nonce"
  >,
): void {
  if (query.code_challenge === undefined && query.code_challenge_method !== undefined)
    throw new OAuthProblem("invalid_request", "code_challenge is missing.");
  // Without a method it would be "plain" (RFC 7636 section 4.3).
  if (query.code_challenge !== undefined && query.code_challenge_method === undefined)
    throw new OAuthProblem("invalid_request", "code_challenge_method must be S256.");
  if (query.code_challenge !== undefined) return;
  if (clientSecretSha256 === undefined)
    throw new OAuthProblem("invalid_request", "An application without a secret must send code_challenge.");
  if (query.nonce === undefined)
    throw new OAuthProblem("invalid_request", "Send code_challenge, or at least a nonce.");
}

function readPrompt(given: string | undefined): SignInHints["prompt"] {
  const values = given === undefined ? [] : given.split(" ");
  const isKnown = values.every((one) => prompts.includes(one));
  if (!isKnown || (values.includes("none") && values.length > 1))
    throw new OAuthProblem("invalid_request", "The parameter prompt is malformed.");
  return (["none", "login", "select_account"] as const).find((one) => values.includes(one));
}
