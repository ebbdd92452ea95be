import type { EntraCloud } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";

/** The one registered redirect URI of the provisioning app. */
export const consentCallbackPath = "/v1/sso/microsoft/consent/callback";

/**
 * The admin-consent page for work accounts of any directory.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-admin-consent (read November 2026)
 */
export function buildConsentUrl(input: {
  cloud: EntraCloud;
  clientId: string;
  ssoOrigin: string;
  state: string;
}): string {
  const url = new URL("/organizations/v2.0/adminconsent", input.cloud.loginOrigin);
  url.searchParams.set("client_id", input.clientId);
  url.searchParams.set("scope", input.cloud.graphScope);
  url.searchParams.set("redirect_uri", input.ssoOrigin + consentCallbackPath);
  url.searchParams.set("state", input.state);
  return url.href;
}

/**
 * Leads straight to the proof of a directory, where nothing is to be approved: our own callback, as Microsoft would call
 * it after a consent. Its tenant is as much a hint as ever.
 */
export function buildProofOnlyUrl(input: {
  ssoOrigin: string;
  tenantId: EntraTenantId;
  state: string;
}): string {
  const url = new URL(consentCallbackPath, input.ssoOrigin);
  url.searchParams.set("admin_consent", "True");
  url.searchParams.set("tenant", input.tenantId);
  url.searchParams.set("state", input.state);
  return url.href;
}
