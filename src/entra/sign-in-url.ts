import { createHash } from "node:crypto";
import type { EntraCloud } from "../domain/clouds.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";

type Application = Pick<SsoConnection, "entraTenantId" | "appId" | "redirectUri">;

/** What Microsoft's page is told beforehand. */
export interface SignInHints {
  readonly loginHint?: string | undefined;
  readonly domainHint?: string | undefined;
  readonly prompt?: "none" | "login" | "select_account" | undefined;
}

/**
 * Where a user signs in: the tenant's own authorize endpoint, with state, nonce and PKCE (S256).
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow (read November 2026)
 */
export function buildSignInUrl(
  cloud: EntraCloud,
  { entraTenantId, appId, redirectUri }: Application,
  { state, nonce, verifier }: { readonly state: string; readonly nonce: string; readonly verifier: string },
  hints: SignInHints,
): string {
  const url = new URL(`/${entraTenantId}/oauth2/v2.0/authorize`, cloud.loginOrigin);
  url.search = new URLSearchParams({
    client_id: appId,
    response_type: "code",
    response_mode: "query",
    scope: "openid profile email",
    redirect_uri: redirectUri,
    state,
    nonce,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...(hints.loginHint === undefined ? {} : { login_hint: hints.loginHint }),
    ...(hints.domainHint === undefined ? {} : { domain_hint: hints.domainHint }),
    ...(hints.prompt === undefined ? {} : { prompt: hints.prompt }),
  }).toString();
  return url.href;
}

/**
 * Where an administrator of the tenant consents for all users of a connection's application.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-admin-consent (read November 2026)
 */
export function buildUsersConsentUrl(
  cloud: EntraCloud,
  { entraTenantId, appId, redirectUri }: Application,
  state: string,
): string {
  const url = new URL(`/${entraTenantId}/v2.0/adminconsent`, cloud.loginOrigin);
  url.search = new URLSearchParams({
    client_id: appId,
    scope: cloud.graphScope,
    redirect_uri: redirectUri,
    state,
  }).toString();
  return url.href;
}
