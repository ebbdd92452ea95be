import { z } from "zod";
import type { EntraCloud } from "../domain/clouds.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import { entraTenantIdSchema } from "../domain/ids.schema.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import { aadstsCodes, type MicrosoftReference, parseErrorDescription } from "../domain/microsoft-codes.ts";

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
  | {
      readonly kind: "consent_error";
      readonly state: string;
      readonly code: ErrorCode;
      readonly microsoft: MicrosoftReference | undefined;
    }
  | { readonly kind: "code"; readonly state: string }
  | {
      readonly kind: "proof_error";
      readonly state: string;
      readonly error: string;
      readonly microsoft: MicrosoftReference | undefined;
    }
  | { readonly kind: "malformed" };

const queryCharactersMax = 4096;
const known = ["state", "tenant", "admin_consent", "error", "error_description", "code", "iss"];
const personalAccountsTenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
const stateShape = /^[\w-]{43}$/;
/** Microsoft has been seen appending its page title to the state after an account was picked. */
const stateSuffix = "Sign in to your account";

/** Reads the query of either leg. Repeated parameters, a personal-account tenant or anything but a GUID is malformed. */
export function parseCallback(url: URL): CallbackQuery {
  const query = url.searchParams;
  if (url.search.length > queryCharactersMax || known.some((name) => query.getAll(name).length > 1))
    return { kind: "malformed" };
  const state = (query.get("state") ?? "").replace(new RegExp(`[ +]?${stateSuffix}$`), "");
  const error = query.get("error");
  const described = parseErrorDescription(query.get("error_description") ?? "");
  const microsoft =
    described.aadsts === undefined
      ? undefined
      : { code: `AADSTS${described.aadsts}`, correlationId: described.correlationId };
  if (/^\d[si]\.mspr_[0-9a-f]{32}\.[\w-]{43}$/.test(state)) {
    if (error !== null) return { kind: "proof_error", state, error, microsoft };
    return query.get("code") ? { kind: "code", state } : { kind: "malformed" };
  }
  if (!stateShape.test(state)) return { kind: "malformed" };
  if (error !== null)
    return { kind: "consent_error", state, code: consentErrorCode(error, described.aadsts), microsoft };
  const tenant = z.safeParse(entraTenantIdSchema, query.get("tenant"));
  if (query.get("admin_consent") !== "True" || !tenant.success || tenant.data === personalAccountsTenant)
    return { kind: "malformed" };
  return { kind: "consented", state, tenantHint: tenant.data };
}

/** Numbers refine, the OAuth error decides, and there is always a default. */
function consentErrorCode(error: string, aadsts: number | undefined): ErrorCode {
  const known = aadsts === undefined ? undefined : aadstsCodes[aadsts]?.consent;
  if (known !== undefined) return known;
  return ["access_denied", "consent_required", "permission_denied"].includes(error)
    ? "consent_declined"
    : "consent_failed";
}
