import type { EntraCloud } from "../domain/clouds.ts";

/**
 * Microsoft's page that ends its own session in this browser.
 * @param tenantId of the account that signed in; any work account's without it
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request (read November 2026)
 */
export function buildSignOutUrl(cloud: EntraCloud, tenantId: string | undefined): string {
  return new URL(`/${tenantId ?? "organizations"}/oauth2/v2.0/logout`, cloud.loginOrigin).href;
}
