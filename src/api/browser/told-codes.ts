import { type ErrorCode, errorCodes } from "../../domain/error-codes.ts";

/** What a sign-in can be refused for, at its callback. */
export const signInCodes: readonly ErrorCode[] = [
  ...(Object.keys(errorCodes) as ErrorCode[]).filter((code) => code.startsWith("signin_")),
  "redirect_uri_not_registered",
  "too_many_refused_codes",
  "sealing_key_unavailable",
];

/** What an administrator can be told between the approval and the proof. */
export const consentCodes: readonly ErrorCode[] = [
  "callback_malformed",
  "state_unknown",
  "request_expired",
  "wrong_browser",
  "binding_unavailable",
  "consent_declined",
  "consent_admin_required",
  "consent_wrong_directory",
  "consent_blocked",
  "consent_redirect_mismatch",
  "consent_not_assigned",
  "provisioning_app_misconfigured",
  "consent_failed",
  "proof_failed",
  "proof_invalid",
  "tenant_mismatch",
  "directory_differs",
  "another_directory",
  "setup_link_other_directory",
  "connection_suspended",
  "connection_disconnected",
  "not_an_administrator",
  "guest_not_accepted",
  "proof_claims_not_configured",
  "ms_provision_not_configured",
  "too_many_refused_codes",
];
