import { createHash } from "node:crypto";
import { CodedError } from "../domain/coded-error.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import { domainOfUserName } from "../domain/entra-domain.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { PurposeKeys } from "../domain/master-keyring.ts";
import { cleanDisplay } from "../domain/text.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import type { SecretText } from "../domain/secret-text.ts";
import type { HopCode } from "./consent-answer.ts";
import { consentCallbackPath } from "./consent-url.ts";
import { exchangeCode } from "./exchange-code.ts";
import { type Judgement, judgeExchange } from "./judge-answer.ts";
import { hopValues, type ProofHop } from "./proof-hop.ts";
import { warmKeys } from "./id-token-key.ts";
import { tenantMetadata } from "./tenant-metadata.ts";
import { isForAnotherParty, userTypeOf } from "./token-claims.ts";

export interface ProofSettings {
  readonly telemetry: Telemetry;
  readonly cloud: EntraCloud;
  readonly clientId: string;
  readonly clientSecret: SecretText;
  readonly ssoOrigin: string;
  /** Role template ids that count as administrator. */
  readonly acceptedRoles: readonly string[];
  /** Purpose keys from which state, nonce and verifier are derived, so that a reload repeats the same redirect. */
  readonly proofKeys: PurposeKeys;
  readonly allowInsecure: boolean;
}

export interface TenantProof {
  readonly entraTenantId: EntraTenantId;
  readonly administratorObjectId: string;
  readonly role: string;
  /** Of the administrator's user name; who owns it was not asked yet. Null: it leads to none. */
  readonly domain: string | null;
  /** Their user name in the directory, cleaned; for display. Null: the token has none. */
  readonly userName: string | null;
}

/**
 * Where the browser goes to prove who consented: the tenant's own authorize endpoint, so that the issuer is fixed.
 * The same hop always gives the same URL.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow (read November 2026)
 */
export function buildProofUrl(settings: ProofSettings, tenantId: EntraTenantId, hop: ProofHop): string {
  const url = new URL(`/${tenantId}/oauth2/v2.0/authorize`, settings.cloud.loginOrigin);
  const { state, nonce, verifier } = hopValues(settings.proofKeys.active, hop);
  const parameters = {
    client_id: settings.clientId,
    response_type: "code",
    response_mode: "query",
    scope: "openid profile",
    redirect_uri: settings.ssoOrigin + consentCallbackPath,
    state,
    nonce,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...(hop.prompt === "silent" ? { prompt: "none" } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/**
 * Fetches what the proof will need while the browser is at Microsoft: the tenant's public documents, nothing with a
 * credential of ours, since `tenantId` is a hint. Never throws; what did not come is fetched when it is needed.
 */
export async function prepareProof(settings: ProofSettings, tenantId: EntraTenantId): Promise<void> {
  try {
    await warmKeys((await tenantMetadata(settings, tenantId)).jwks_uri);
  } catch {
    // Whoever needs it will meet it, and say it.
  }
}

/** What came of a code. `passes` and `spreads` decide nothing: the same code may be sent again. */
export type ProofResult =
  | { readonly kind: "proved"; readonly proof: TenantProof }
  /** About the code, or about whoever brought it: this code is never sent again. */
  | {
      readonly kind: "judged";
      readonly refusal: Judgement & { readonly kind: "final" | "needs_person" | "new_code" };
    }
  | { readonly kind: "undecided"; readonly refusal: Judgement & { readonly kind: "passes" | "spreads" } }
  /** Ours was refused, before anybody looked at the code: for the operator. */
  | { readonly kind: "credential_refused"; readonly refusal: Judgement };

/**
 * Redeems the code and judges the id_token: signature, issuer, audience, nonce and time, then tenant, version, age,
 * membership and directory role. Claims that say nothing of these may be anything. Never throws for what Microsoft or
 * the token says.
 */
export async function redeemProof(
  settings: ProofSettings,
  tenantId: EntraTenantId,
  { values, query }: HopCode,
): Promise<ProofResult> {
  const callback = new URL(settings.ssoOrigin + consentCallbackPath);
  callback.search = query;
  try {
    const claims = await exchangeCode(settings, tenantId, { ...values, callback, invalid: "proof_invalid" });
    return { kind: "proved", proof: judgeClaims(claims, tenantId, settings) };
  } catch (error) {
    return sortRefusal(judgeExchange(error, "proof"));
  }
}

function sortRefusal(refusal: Judgement): Exclude<ProofResult, { kind: "proved" }> {
  if (refusal.code === "provisioning_credential_refused") return { kind: "credential_refused", refusal };
  const { kind } = refusal;
  return kind === "passes" || kind === "spreads"
    ? { kind: "undecided", refusal: { ...refusal, kind } }
    : { kind: "judged", refusal: { ...refusal, kind } };
}

const issuedWithinSeconds = 10 * 60;

/**
 * The part of the judgement that is ours; pure. What it needs to authorize is strict, the rest is not looked at.
 * @throws {CodedError} tenant_mismatch, guest_not_accepted, not_an_administrator, proof_claims_not_configured,
 * proof_invalid
 */
export function judgeClaims(
  claims: Readonly<Record<string, unknown>>,
  tenantId: EntraTenantId,
  { clientId, acceptedRoles }: Pick<ProofSettings, "clientId" | "acceptedRoles">,
): TenantProof {
  const { tid, ver, oid, wids, iat } = claims;
  if (isForAnotherParty(claims, clientId)) throw new CodedError("proof_invalid", "authorized party");
  if (tid !== tenantId) throw new CodedError("tenant_mismatch");
  if (ver !== "2.0" || typeof oid !== "string" || oid === "")
    throw new CodedError("proof_invalid", "version or object id");
  if (typeof iat !== "number" || Math.abs(Date.now() / 1000 - iat) > issuedWithinSeconds)
    throw new CodedError("proof_invalid", "age");
  const userType = userTypeOf(claims);
  const roles = typeof wids === "string" ? [wids] : wids;
  if (userType === undefined || !Array.isArray(roles)) throw new CodedError("proof_claims_not_configured");
  if (userType === "guest") throw new CodedError("guest_not_accepted");
  const role = acceptedRoles.find((accepted) => roles.includes(accepted));
  if (role === undefined) throw new CodedError("not_an_administrator");
  const domain = domainOfUserName(claims["preferred_username"]) ?? null;
  return { entraTenantId: tenantId, administratorObjectId: oid, role, domain, userName: userNameOf(claims) };
}

const userNameUnitsMax = 256;

function userNameOf({ preferred_username: name }: Readonly<Record<string, unknown>>): string | null {
  return typeof name === "string" ? cleanDisplay(name, userNameUnitsMax) || null : null;
}
