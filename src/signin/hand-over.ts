import { randomUUID } from "node:crypto";
import { type Applications, applicationOf } from "../domain/application.ts";
import { CodedError } from "../domain/coded-error.ts";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";
import type { Authentication, Identity } from "../domain/identity.ts";
import type { ApplicationPurpose, HandoffPurpose, OidcPurpose } from "../domain/sign-in-purpose.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { CodeStore } from "./code-store.ts";
import type { SignedIn } from "./identity.ts";

/** Clocks differ. */
const clockToleranceSeconds = 60;

/**
 * A code for the application that asked, in the address that it asked for.
 * @throws {CodedError} signin_other_person, signin_guest_refused, signin_account_type_unknown, signin_not_fresh,
 *   signin_state_invalid
 */
export async function handOver(
  deps: { codes: CodeStore; applications: Applications; ssoOrigin: string },
  connection: SsoConnection,
  purpose: ApplicationPurpose,
  { identity, authentication }: SignedIn,
): Promise<string> {
  const application = applicationOf(deps.applications, purpose.clientId);
  if (!application || !isRegistered(deps.applications, connection, purpose))
    throw new CodedError("redirect_uri_not_registered");
  requireExpected(purpose, identity);
  // Else every stranger whom somebody of the directory invited would be a member of the organization. An account of
  // which Microsoft did not say what it is may be one.
  if (connection.access === "everyone" && identity.user_type !== "member" && !application.admitsGuests)
    throw new CodedError(
      identity.user_type === "guest" ? "signin_guest_refused" : "signin_account_type_unknown",
    );
  requireFresh(purpose, authentication);
  const sid = `sess_${randomUUID().replaceAll("-", "")}`;
  const grant = { purpose, identity, authentication, sid };
  const code = await deps.codes.issue(grant, { connectionId: connection.id, epoch: connection.epoch });
  return oauthAnswerUrl(deps.ssoOrigin, purpose, { code });
}

/** False once an application or its address was taken from the file: nobody is sent there any more. */
export function isRegistered(
  applications: Applications,
  { projectId }: Pick<SsoConnection, "projectId">,
  { clientId, redirectUri }: ApplicationPurpose,
): boolean {
  const application = applicationOf(applications, clientId);
  return application?.projectId === projectId && application.redirectUris.includes(redirectUri);
}

/** OpenID Connect Core 3.1.2.1, `id_token_hint`: whoever was asked for, or nobody. */
function requireExpected(purpose: ApplicationPurpose, { sub }: Identity): void {
  if (purpose.kind === "oidc" && purpose.subject !== undefined && purpose.subject !== sub)
    throw new CodedError("signin_other_person");
}

/** OpenID Connect Core 3.1.2.1, `max_age` and `prompt=login`: as Microsoft says, or not at all. */
function requireFresh(purpose: ApplicationPurpose, { auth_time: authTime }: Authentication): void {
  if (purpose.kind !== "oidc" || purpose.authenticatedSince === undefined) return;
  if (authTime === undefined || authTime + clockToleranceSeconds < purpose.authenticatedSince)
    throw new CodedError("signin_not_fresh");
}

/** Back to the application with an error of OAuth's registry and our own text: Microsoft's texts carry addresses. */
export function errorUrl(
  ssoOrigin: string,
  purpose: ApplicationPurpose,
  { word, code }: { word: string; code: ErrorCode },
): string {
  const asksFirst = code === "signin_refused" && personWords.includes(word);
  const description = asksFirst ? "Microsoft must ask the person first." : factsOf(code).detail;
  return oauthAnswerUrl(ssoOrigin, purpose, { error: word, error_description: description });
}

/** The application's own query stays byte for byte; `iss` says whose answer it is (RFC 9207). */
export function oauthAnswerUrl(
  ssoOrigin: string,
  purpose:
    | Pick<HandoffPurpose, "kind" | "redirectUri" | "nonce">
    | Pick<OidcPurpose, "kind" | "redirectUri" | "state">,
  answer: Readonly<Record<string, string>>,
): string {
  const query = new URLSearchParams(answer);
  if (purpose.kind === "handoff") query.set("client_state_nonce", purpose.nonce);
  else if (purpose.state !== undefined) query.set("state", purpose.state);
  query.set("iss", ssoOrigin);
  const { redirectUri } = purpose;
  const joint = !redirectUri.includes("?") ? "?" : /[?&]$/.test(redirectUri) ? "" : "&";
  return `${redirectUri}${joint}${query.toString()}`;
}

/** What Microsoft answers where it may not ask the person (OpenID Connect Core 3.1.2.6). */
const personWords = ["login_required", "interaction_required", "account_selection_required"];
const silentWords = [...personWords, "consent_required"];
const personsCodes: readonly ErrorCode[] = ["signin_not_fresh", "signin_other_person"];

/** Of these it says too that it must ask somebody, who could do what is missing: a second factor, a new password. */
const askingCodes: readonly ErrorCode[] = [
  "signin_refused",
  "signin_blocked_by_policy",
  "signin_account_unusable",
];

/**
 * Whether all that Microsoft says is that it must ask somebody: the usual end of `prompt=none`, and nobody's failure. A
 * number beside the word may say more: nobody's asking helps where the person is not assigned.
 */
export function onlyNeedsPerson(code: ErrorCode, given: string | null): boolean {
  return given !== null && personWords.includes(given) && askingCodes.includes(code);
}

/** The word of OAuth's registry for a sign-in that ended; `given` is Microsoft's. */
export function oauthWordOf(code: ErrorCode, given: string | null): string {
  if (given !== null && silentWords.includes(given)) return given;
  if (personsCodes.includes(code)) return "login_required";
  const { httpStatus } = factsOf(code);
  if (httpStatus === 503) return "temporarily_unavailable";
  return httpStatus < 500 ? "access_denied" : "server_error";
}
