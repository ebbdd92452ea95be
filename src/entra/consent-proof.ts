import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import * as oidc from "openid-client";
import { CodedError } from "../domain/coded-error.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import type { EntraTenantId, ProvisionRequestId } from "../domain/ids.ts";
import type { PurposeKeys } from "../domain/master-keyring.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import type { SecretText } from "../domain/secret-text.ts";
import { consentCallbackPath, stateOfAnswer } from "./consent-url.ts";
import { toOidcRefusal } from "./oidc-failure.ts";
import { tenantConfiguration } from "./tenant-configuration.ts";
import { isForAnotherParty, userTypeOf } from "./token-claims.ts";

/** One redirect to Microsoft that asks for an id_token. `s` silent, `i` interactive; the number counts them. */
export interface ProofHop {
  readonly requestId: ProvisionRequestId;
  readonly number: number;
  readonly prompt: "silent" | "interactive";
}

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
}

const derive = (key: Buffer, purpose: string, hop: ProofHop): string =>
  createHmac("sha256", key)
    .update(`${purpose}|${hop.requestId}|${hop.number}|${hop.prompt}`)
    .digest("base64url");

/** The one-time value of the confirm binding: the same for the same browser, so that a repeated callback agrees. */
export function confirmTokenOf(key: Buffer, requestId: ProvisionRequestId, browserHash: string): string {
  return createHmac("sha256", key).update(`confirm|${requestId}|${browserHash}`).digest("base64url");
}

/** `{number}{s|i}.{requestId}.{mac}` */
function stateOf(key: Buffer, hop: ProofHop): string {
  return `${hop.number}${hop.prompt === "silent" ? "s" : "i"}.${hop.requestId}.${derive(key, "state", hop)}`;
}

/** Undefined for a state that no key of the ring made. */
export function parseProofState(keys: PurposeKeys, state: string): ProofHop | undefined {
  const hop: ProofHop = {
    requestId: state.split(".")[1] as ProvisionRequestId,
    number: Number(state[0]),
    prompt: state[1] === "s" ? "silent" : "interactive",
  };
  return keyOfState(keys, state, hop) && hop;
}

/** The key that made the state, and with it the hop's nonce and verifier: another replica's active key may differ. */
function keyOfState(keys: PurposeKeys, state: string, hop: ProofHop): Buffer | undefined {
  const given = Buffer.from(state);
  return keys.all.find((key) => {
    const expected = Buffer.from(stateOf(key, hop));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/**
 * Where the browser goes to prove who consented: the tenant's own authorize endpoint, so that the issuer is fixed.
 * The same hop always gives the same URL.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow (read November 2026)
 */
export function buildProofUrl(settings: ProofSettings, tenantId: EntraTenantId, hop: ProofHop): string {
  const url = new URL(`/${tenantId}/oauth2/v2.0/authorize`, settings.cloud.loginOrigin);
  const key = settings.proofKeys.active;
  const verifier = derive(key, "verifier", hop);
  const parameters = {
    client_id: settings.clientId,
    response_type: "code",
    response_mode: "query",
    scope: "openid profile",
    redirect_uri: settings.ssoOrigin + consentCallbackPath,
    state: stateOf(key, hop),
    nonce: derive(key, "nonce", hop),
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...(hop.prompt === "silent" ? { prompt: "none" } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/**
 * Redeems the code and judges the id_token: signature, issuer, audience, nonce and age by openid-client, then tenant,
 * version, membership and directory role by us.
 * @throws {OAuthRefusal} what Microsoft's token endpoint answered, with what helps
 * @throws {CodedError} tenant_mismatch, guest_not_accepted, not_an_administrator, proof_claims_not_configured,
 * proof_invalid, tenant_not_found, issuer_mismatch (final)
 */
export async function redeemProof(
  settings: ProofSettings,
  tenantId: EntraTenantId,
  hop: ProofHop,
  callback: URL,
): Promise<TenantProof> {
  const current = new URL(settings.ssoOrigin + consentCallbackPath);
  current.search = callback.search;
  const state = stateOfAnswer(current.searchParams);
  current.searchParams.set("state", state);
  const key = keyOfState(settings.proofKeys, state, hop);
  if (key === undefined) throw new CodedError("state_unknown");
  try {
    const client = await tenantConfiguration(settings, tenantId);
    const tokens = await oidc.authorizationCodeGrant(client, current, {
      expectedState: state,
      expectedNonce: derive(key, "nonce", hop),
      pkceCodeVerifier: derive(key, "verifier", hop),
      idTokenExpected: true,
    });
    return judgeClaims(tokens.claims() ?? {}, tenantId, settings);
  } catch (error) {
    throw toOidcRefusal(error, "proof", "proof_invalid");
  }
}

const issuedWithinSeconds = 10 * 60;

/** The part of the judgement that is ours; pure. What it needs to authorize is strict, the rest is not looked at. */
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
  return { entraTenantId: tenantId, administratorObjectId: oid, role };
}
