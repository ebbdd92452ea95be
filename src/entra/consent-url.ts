import { z } from "zod";
import type { EntraCloud } from "../domain/clouds.ts";
import { entraTenantIdSchema } from "../domain/ids.schema.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { MicrosoftReference } from "../domain/microsoft-codes.ts";
import { judgeOAuthError, type OAuthVerdict, readOAuthRedirect, referenceOf } from "./oauth-error.ts";

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

/** What a callback says. Nothing in it is signed; `tenant` is a hint only. */
export type CallbackQuery =
  | { readonly kind: "consented"; readonly state: string; readonly tenantHint: EntraTenantId }
  | { readonly kind: "code"; readonly state: string }
  | {
      readonly kind: "consent_error" | "proof_error";
      readonly state: string;
      readonly verdict: OAuthVerdict;
      readonly microsoft: MicrosoftReference | undefined;
    }
  | { readonly kind: "malformed" };

const known = ["state", "tenant", "admin_consent", "error", "error_description", "code", "iss"];
const personalAccountsTenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
const stateShape = /^[\w-]{43}$/;

/** The state as it was sent: Microsoft has been seen appending its page title after an account was picked. */
export function stateOfAnswer(query: URLSearchParams): string {
  return (query.get("state") ?? "").replace(/[ +]?Sign in to your account$/, "");
}

/**
 * Reads the query of either leg. Repeated parameters, a personal-account tenant or anything but a GUID is malformed.
 * Codes and texts are as long as Microsoft likes; the server's limit on a request line is the only one.
 */
export function parseCallback(url: URL): CallbackQuery {
  const query = url.searchParams;
  if (known.some((name) => query.getAll(name).length > 1)) return { kind: "malformed" };
  const state = stateOfAnswer(query);
  const error = readOAuthRedirect(query);
  const microsoft = error && referenceOf(error);
  if (/^\d[si]\.mspr_[0-9a-f]{32}\.[\w-]{43}$/.test(state)) {
    if (error) return { kind: "proof_error", state, verdict: judgeOAuthError(error, "hop"), microsoft };
    return query.get("code") ? { kind: "code", state } : { kind: "malformed" };
  }
  if (!stateShape.test(state)) return { kind: "malformed" };
  if (error) return { kind: "consent_error", state, verdict: judgeOAuthError(error, "consent"), microsoft };
  const tenant = z.safeParse(entraTenantIdSchema, query.get("tenant"));
  if (query.get("admin_consent") !== "True" || !tenant.success || tenant.data === personalAccountsTenant)
    return { kind: "malformed" };
  return { kind: "consented", state, tenantHint: tenant.data };
}
