import { bodyBytesMax, streamsPerRequestMax } from "./limits.ts";

/**
 * The closed table of everything that can go wrong. A code is the public contract: it is `code` in the API, `error`
 * in the return URL, `ApplicationFailure.type` in Temporal, a log field and a row of docs/errors.md (generated).
 */
export interface ErrorFacts {
  readonly httpStatus: number;
  /**
   * How long a run keeps trying, in ms from the step's first attempt: 0 is final at once, `Infinity` never gives up.
   * Codes that no run can meet are 0.
   */
  readonly retryForMs: number;
  /** Who can do something about it. */
  readonly who: "you" | "entra_admin" | "authio" | "operator" | "wait";
  readonly title: string;
  readonly detail: string;
  /** The next step, as an imperative sentence. */
  readonly action: string;
  /** Microsoft's page for whoever must act, where there is one. */
  readonly docs?: string;
}

const learn = "https://learn.microsoft.com";
const docsOf = {
  adminConsent: `${learn}/entra/identity/enterprise-apps/grant-admin-consent`,
  assignUsers: `${learn}/entra/identity/enterprise-apps/assign-user-or-group-access-portal`,
  appPolicy: `${learn}/entra/identity/enterprise-apps/configure-app-management-policies`,
  conditionalAccess: `${learn}/entra/identity/conditional-access/overview`,
  workloadAccess: `${learn}/entra/identity/conditional-access/workload-identity`,
  directoryLimits: `${learn}/entra/identity/users/directory-service-limits-restrictions`,
  roles: `${learn}/entra/identity/role-based-access-control/permissions-reference`,
  serviceHealth: `${learn}/microsoft-365/enterprise/view-service-health`,
  disabledApp: `${learn}/entra/identity/enterprise-apps/disable-user-sign-in-portal`,
} as const;

const minute = 60_000;
const hour = 60 * minute;

const startAgain = "Start again from the dashboard with Connect Microsoft.";
const contactAuthio = "Contact Authio support with the request id.";
const callRightly = "Correct the call; the API reference lists what it takes.";

export const errorCodes = {
  // Calls to the API
  invalid_request: {
    httpStatus: 400,
    retryForMs: 0,
    who: "you",
    title: "The request is malformed",
    detail: "A field is missing, unknown or of the wrong type.",
    action: callRightly,
  },
  body_too_large: {
    httpStatus: 413,
    retryForMs: 0,
    who: "you",
    title: "The request body is too large",
    detail: `Bodies of this API are at most ${bodyBytesMax / 1024} KiB.`,
    action: callRightly,
  },
  unauthenticated: {
    httpStatus: 401,
    retryForMs: 0,
    who: "you",
    title: "Sign in first",
    detail: "The session is missing, expired or not valid here.",
    action: "Sign in to the dashboard and try again.",
  },
  cross_site_refused: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "The call came from another site",
    detail: "A cookie session is accepted only from this service's own origins.",
    action: "Call from the dashboard, or send the session as a bearer token.",
  },
  role_not_allowed: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "Your role may not do this",
    detail: "Connecting Microsoft takes an owner or admin of the organization.",
    action: "Ask an owner or admin of your organization.",
  },
  not_found: {
    httpStatus: 404,
    retryForMs: 0,
    who: "you",
    title: "Not found",
    detail: "There is nothing here, or it is not yours to see.",
    action: "Check the address and the organization.",
  },
  return_to_not_allowed: {
    httpStatus: 422,
    retryForMs: 0,
    who: "authio",
    title: "The return address is not allowed",
    detail: "It must be https, on a listed host, without user, port, fragment or reserved parameters.",
    action: "Ask the operator to list the host in AUTHIO_MS_CONSENT_RETURN_HOSTS, or leave return_to out.",
  },
  binding_unavailable: {
    httpStatus: 422,
    retryForMs: 0,
    who: "authio",
    title: "This dashboard cannot be tied to your browser",
    detail:
      "The browser cookie does not stick to a call from another site, by a backend, or off the sso origin, and the return host is not listed for confirmation; or the one of both that the call asks for is not possible.",
    action:
      "Call start from the browser, on the sso origin and from its site; or list the return host in AUTHIO_MS_CONFIRM_HOSTS; or, from a backend that passes the cookie on, ask for binding cookie.",
  },
  not_the_starter: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "Somebody else started this",
    detail: "An approval can be confirmed only by the person who started it.",
    action: "Sign in as the person who started it, or start again from the dashboard with Connect Microsoft.",
  },
  confirmation_invalid: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "The confirmation does not fit this attempt",
    detail: "The one-time value is missing, wrong, or belongs to another attempt.",
    action: startAgain,
  },
  not_confirmable: {
    httpStatus: 409,
    retryForMs: 0,
    who: "you",
    title: "There is nothing to confirm",
    detail: "The attempt has ended or has not come back from Microsoft yet.",
    action: "Look at its status; if it has ended, start again from the dashboard with Connect Microsoft.",
  },
  too_many_open_requests: {
    httpStatus: 429,
    retryForMs: 0,
    who: "wait",
    title: "Too many attempts are open",
    detail: "Five approvals of this organization are waiting for Microsoft already.",
    action: "Finish or cancel one of them, or wait until the oldest expires.",
  },
  daily_limit_reached: {
    httpStatus: 429,
    retryForMs: 0,
    who: "wait",
    title: "Too many attempts today",
    detail: "An organization may start 50 times within 24 hours, one person 20 times.",
    action: "Try again later, or ask another owner or admin of your organization to start.",
  },
  too_many_event_streams: {
    httpStatus: 429,
    retryForMs: 0,
    who: "wait",
    title: "Too many live views are open",
    detail: `A browser may keep ${streamsPerRequestMax} live views of one attempt, and this service a limited number in all.`,
    action: "Ask for the progress as JSON every few seconds instead, as our page does by itself.",
  },
  ms_provision_not_configured: {
    httpStatus: 503,
    retryForMs: 0,
    who: "operator",
    title: "One-click Microsoft is not set up here",
    detail: "This installation has no Microsoft provisioning app.",
    action:
      "Set up the connection by hand with OIDC or SAML, or ask the operator to configure the provisioning app.",
  },
  service_unavailable: {
    httpStatus: 503,
    retryForMs: 0,
    who: "wait",
    title: "The service is not available for the moment",
    detail: "A part that this step needs does not answer. Nothing was lost.",
    action: "Try again in a minute.",
  },
  internal: {
    httpStatus: 500,
    retryForMs: 0,
    who: "authio",
    title: "Something went wrong on our side",
    detail: "An unexpected error stopped this step.",
    action: contactAuthio,
  },

  // Microsoft's answer to the consent, and the proof
  callback_malformed: {
    httpStatus: 400,
    retryForMs: 0,
    who: "you",
    title: "This answer is not one that Microsoft gives",
    detail: "A parameter is missing, repeated or malformed. Nothing was changed.",
    action: startAgain,
  },
  state_unknown: {
    httpStatus: 400,
    retryForMs: 0,
    who: "you",
    title: "This link is not valid",
    detail: "It was never issued, or it is too old to be known.",
    action: startAgain,
  },
  request_expired: {
    httpStatus: 410,
    retryForMs: 0,
    who: "you",
    title: "The approval took too long",
    detail: "An approval must be finished within 15 minutes. Nothing was changed.",
    action: startAgain,
  },
  wrong_browser: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "This was started in another browser",
    detail:
      "An approval must be finished by the person and in the browser that started it. It has been cancelled; nothing was changed.",
    action:
      "If you are the organization's owner, start again from the dashboard in this browser. If you did not start this, close the page.",
  },
  consent_declined: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "The approval was declined",
    detail: "Microsoft reports that the request for permission was cancelled. Nothing was changed.",
    action: startAgain,
  },
  consent_admin_required: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "Microsoft wants a more privileged administrator",
    detail: "The signed-in person may not approve this for the organization.",
    action: "Have a Global Administrator or Privileged Role Administrator approve.",
    docs: docsOf.adminConsent,
  },
  consent_wrong_directory: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "The account belongs to another directory",
    detail: "The signed-in account is not a member of the directory that was asked.",
    action: "Start again and pick the work account of your own organization.",
  },
  consent_blocked: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "A policy of your directory blocked the approval",
    detail: "Conditional access or a tenant restriction stopped it.",
    action: "Ask your Entra administrator to allow the sign-in, then start again.",
    docs: docsOf.conditionalAccess,
  },
  consent_redirect_mismatch: {
    httpStatus: 403,
    retryForMs: 0,
    who: "operator",
    title: "The provisioning app does not know our callback",
    detail: "Microsoft refuses to send the browser back to an address that is not registered.",
    action:
      "Operator: register {AUTHIO_SSO_ORIGIN}/v1/sso/microsoft/consent/callback as a Web redirect URI of the provisioning app.",
  },
  consent_not_assigned: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "This account is not assigned to our app",
    detail:
      "Your directory admits only assigned accounts to the app that asks for the approval (AADSTS50105).",
    action: "Assign the account to the enterprise application in Entra, then start again.",
    docs: docsOf.assignUsers,
  },
  provisioning_app_misconfigured: {
    httpStatus: 403,
    retryForMs: 0,
    who: "operator",
    title: "The provisioning app asks for something it is not registered for",
    detail: "Microsoft finds the request at odds with the app's registration.",
    action: "Operator: compare the provisioning app's registration with the README's operator page.",
  },
  consent_failed: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "Microsoft did not record the approval",
    detail: "Microsoft reported an error in place of an approval.",
    action: startAgain,
  },
  proof_failed: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "Microsoft did not confirm who you are",
    detail:
      "After the approval, Microsoft was asked to confirm the administrator and did not. Nothing was changed.",
    action: "Start again and sign in with the account that approves.",
  },
  proof_invalid: {
    httpStatus: 403,
    retryForMs: 0,
    who: "authio",
    title: "Microsoft's confirmation could not be trusted",
    detail: "The identity token failed a check. Nothing was changed.",
    action: startAgain,
  },
  tenant_mismatch: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "The approval and the confirmation name different directories",
    detail: "Both must come from one Entra tenant. Nothing was changed.",
    action: startAgain,
  },
  directory_differs: {
    httpStatus: 409,
    retryForMs: 0,
    who: "you",
    title: "The approval came from another directory",
    detail:
      "Only the directory of the connection that is to be connected again can approve that. Nothing was changed.",
    action:
      "Start again and approve as an administrator of the connection's own directory, or add the other directory beside it.",
  },
  another_directory: {
    httpStatus: 409,
    retryForMs: 0,
    who: "you",
    title: "Your organization is connected with another directory",
    detail:
      "The approval came from a directory that is not connected, and adding one was not asked for. Nothing was changed.",
    action: "Approve as an administrator of the connected directory, or choose to add another directory.",
  },
  not_an_administrator: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "An administrator of the directory is needed",
    detail: "The signed-in account holds none of the directory roles that may connect Microsoft.",
    action: "Have a Global, Privileged Role, Application or Cloud Application Administrator do it.",
    docs: docsOf.roles,
  },
  guest_not_accepted: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "A guest account cannot connect a directory",
    detail: "The signed-in account is a guest in this directory.",
    action: "Have an administrator who is a member of the directory do it.",
    docs: docsOf.roles,
  },
  proof_claims_not_configured: {
    httpStatus: 403,
    retryForMs: 0,
    who: "operator",
    title: "The provisioning app does not receive role claims",
    detail: "Microsoft's token carries no wids or acct claim, so no administrator can be recognised.",
    action:
      "Operator: add groupMembershipClaims DirectoryRole and the optional id_token claim acct to the provisioning app.",
  },

  // A run in the customer's tenant
  microsoft_unavailable: {
    httpStatus: 503,
    retryForMs: 24 * hour,
    who: "wait",
    title: "Microsoft does not answer properly",
    detail: "Microsoft's service could not be reached or answered with an error of its own.",
    action: "Wait; it is tried again by itself.",
    docs: docsOf.serviceHealth,
  },
  microsoft_throttled: {
    httpStatus: 503,
    retryForMs: 24 * hour,
    who: "wait",
    title: "Microsoft asks us to slow down",
    detail: "The directory is limiting requests for the moment.",
    action: "Wait; it is tried again by itself.",
  },
  database_unavailable: {
    httpStatus: 503,
    retryForMs: 24 * hour,
    who: "wait",
    title: "Our database does not answer",
    detail: "The step could not be recorded for the moment.",
    action: "Wait; it is tried again by itself.",
  },
  database_refused: {
    httpStatus: 503,
    retryForMs: 24 * hour,
    who: "operator",
    title: "Our database refuses a step",
    detail: "A right, a table, a column or room is missing there.",
    action: "Wait; operators are told, and it is tried again by itself.",
  },
  consent_not_effective: {
    httpStatus: 403,
    retryForMs: 15 * minute,
    who: "entra_admin",
    title: "The approval has not taken effect",
    detail: "Microsoft does not yet give our app the permission that was approved, or it was withdrawn.",
    action: "Check the enterprise application's permissions in Entra, then start again.",
    docs: docsOf.adminConsent,
  },
  application_not_ready: {
    httpStatus: 503,
    retryForMs: 15 * minute,
    who: "wait",
    title: "The new application is not visible yet",
    detail: "Microsoft's directory has not caught up with what was just created.",
    action: "Start again; if it repeats, check Microsoft's service health.",
    docs: docsOf.serviceHealth,
  },
  secret_not_accepted: {
    httpStatus: 503,
    retryForMs: 10 * minute,
    who: "wait",
    title: "Microsoft does not accept the new secret",
    detail: "The client secret was created, yet sign-in with it is refused.",
    action: "Start again; if it repeats, check Microsoft's service health.",
    docs: docsOf.serviceHealth,
  },
  provisioning_credential_refused: {
    httpStatus: 503,
    retryForMs: Number.POSITIVE_INFINITY,
    who: "operator",
    title: "Microsoft refuses our own credential",
    detail: "The provisioning app's client secret is wrong or has expired.",
    action: "Operator: replace AUTHIO_MS_PROVISION_CLIENT_SECRET; waiting requests then go on by themselves.",
  },
  sealing_key_unavailable: {
    httpStatus: 503,
    retryForMs: 24 * hour,
    who: "operator",
    title: "The sealing key does not open the secret",
    detail: "The master key that encrypted this secret is not in the keyring of this process.",
    action: "Operator: add the former key to AUTHIO_IMPORT_CREDS_KEY on every process.",
  },
  permission_not_effective: {
    httpStatus: 403,
    retryForMs: 3 * minute,
    who: "wait",
    title: "Microsoft does not honour the new permission everywhere yet",
    detail: "Right after an approval or a creation, parts of Microsoft's directory may still refuse our app.",
    action: "Wait; it is tried again by itself for some minutes.",
  },
  permission_denied: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "The directory refused our app",
    detail: "Microsoft answered that the approved permission does not cover this step.",
    action: "Check the enterprise application's permissions in Entra, approve again, then start again.",
    docs: docsOf.adminConsent,
  },
  secrets_forbidden_by_policy: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "Your directory forbids client secrets",
    detail: "An app management policy blocks adding passwords to applications.",
    action: "Exempt our provisioning app from the policy, then start again.",
    docs: docsOf.appPolicy,
  },
  secret_lifetime_forbidden_by_policy: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "Your directory allows only very short-lived secrets",
    detail: "Even a secret of 30 days is beyond the app management policy.",
    action: "Exempt our provisioning app from the policy, then start again.",
    docs: docsOf.appPolicy,
  },
  audience_forbidden_by_policy: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "Your directory forbids this kind of application",
    detail: "A policy does not allow applications for accounts of this directory.",
    action: "Exempt our provisioning app from the policy, then start again.",
    docs: docsOf.appPolicy,
  },
  service_reference_required: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "Your directory demands a service reference",
    detail: "Applications need a serviceManagementReference there, which we cannot know.",
    action: "Exempt our provisioning app from the rule, or connect by hand.",
  },
  quota_exceeded: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "Your directory is full",
    detail: "Microsoft refuses new objects until some are removed for good.",
    action: "Purge deleted applications in Entra, then start again.",
    docs: docsOf.directoryLimits,
  },
  conditional_access_blocked: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "Conditional access blocks our app",
    detail: "A policy for workload identities refuses the token we need.",
    action: "Exempt our provisioning app from the policy, then start again.",
    docs: docsOf.workloadAccess,
  },
  microsoft_service_missing: {
    httpStatus: 403,
    retryForMs: 15 * minute,
    who: "entra_admin",
    title: "Your directory lacks a Microsoft service",
    detail: "The directory has not subscribed to, or has disabled, a service that our app needs.",
    action: "Check the directory's service subscriptions in Entra, then start again.",
    docs: docsOf.disabledApp,
  },
  application_disabled: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "The application is disabled in your directory",
    detail: "Someone switched off sign-in for the enterprise application.",
    action: "Enable it in Entra, then start again.",
    docs: docsOf.disabledApp,
  },
  application_missing: {
    httpStatus: 404,
    retryForMs: 15 * minute,
    who: "you",
    title: "The application is gone from your directory",
    detail: "The connection's secret could not be renewed, since its application is not there any more.",
    action: "Connect Microsoft once more; the connection keeps its id.",
  },
  tenant_not_found: {
    httpStatus: 404,
    retryForMs: 0,
    who: "you",
    title: "Microsoft does not know this directory",
    detail: "The tenant does not exist in this Microsoft cloud.",
    action: "Start again; customers of a national cloud need the installation for that cloud.",
  },
  issuer_mismatch: {
    httpStatus: 502,
    retryForMs: 0,
    who: "authio",
    title: "The directory names another issuer",
    detail: "Microsoft's discovery document does not match the tenant that was proved.",
    action: contactAuthio,
  },
  microsoft_refused_request: {
    httpStatus: 502,
    retryForMs: 0,
    who: "authio",
    title: "Microsoft refused the request",
    detail: "Microsoft answered with an error that repeating cannot mend.",
    action: contactAuthio,
  },
  run_not_current: {
    httpStatus: 409,
    retryForMs: 0,
    who: "authio",
    title: "This run has been replaced",
    detail: "The request is no longer in the hands of this workflow run.",
    action: "Nothing to do; look at the newest run.",
  },
  cancelled_by_operator: {
    httpStatus: 409,
    retryForMs: 0,
    who: "authio",
    title: "An operator stopped this attempt",
    detail: "The attempt was cancelled by hand; what it had created is removed.",
    action: startAgain,
  },
  cancelled_by_organization: {
    httpStatus: 409,
    retryForMs: 0,
    who: "you",
    title: "Your organization stopped this attempt",
    detail: "An owner or admin cancelled it; what it had created is removed.",
    action: startAgain,
  },

  // Operators' calls
  cleanup_in_progress: {
    httpStatus: 409,
    retryForMs: 0,
    who: "wait",
    title: "Clean-up is still running",
    detail: "What the failed run created is being removed.",
    action: "Retry once cleanup is done.",
  },
  cleanup_needs_operator: {
    httpStatus: 409,
    retryForMs: 0,
    who: "operator",
    title: "Clean-up needs a person",
    detail: "An application may be left in the customer's tenant.",
    action: "Remove or acknowledge it first; `ms-provision show` names it.",
  },
  newer_request_exists: {
    httpStatus: 409,
    retryForMs: 0,
    who: "operator",
    title: "A newer request exists",
    detail: "The same organization and tenant have a newer attempt, running or finished.",
    action: "Look at the newer one.",
  },
  not_failed: {
    httpStatus: 409,
    retryForMs: 0,
    who: "operator",
    title: "Only a failed request can be retried",
    detail: "This request has not failed after its proof.",
    action: "Look at its status.",
  },
  proof_expired: {
    httpStatus: 409,
    retryForMs: 0,
    who: "you",
    title: "The administrator's proof is too old",
    detail: "A retry may rely on a proof for one hour only.",
    action: "Ask the customer to click Connect Microsoft once more.",
  },
  already_final: {
    httpStatus: 409,
    retryForMs: 0,
    who: "you",
    title: "The request has ended",
    detail: "There is nothing left to cancel.",
    action: "Look at its status.",
  },

  // Sign-in with a connection
  signin_state_invalid: {
    httpStatus: 400,
    retryForMs: 0,
    who: "you",
    title: "This sign-in cannot be continued",
    detail: "It was started in another browser, took too long or was used already.",
    action: "Start the sign-in again.",
  },
  too_many_refused_codes: {
    httpStatus: 429,
    retryForMs: 0,
    who: "wait",
    title: "Too many sign-ins from your network failed",
    detail: "Microsoft refused many sign-in codes that came from this network address within a short time.",
    action: "Wait some seconds, then try again.",
  },
  signin_refused: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "Microsoft refused the sign-in",
    detail: "Microsoft did not let this account in.",
    action: "Try again, or ask your administrator.",
  },
  signin_not_assigned: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "This account is not assigned to the application",
    detail: "The directory admits assigned users only (AADSTS50105).",
    action: "Have your Entra administrator assign you, or a group of yours, to the application.",
    docs: docsOf.assignUsers,
  },
  signin_consent_required: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "An administrator must approve this application first",
    detail: "Users of this directory may not approve applications themselves.",
    action: "Have your Entra administrator grant consent for the application.",
    docs: docsOf.adminConsent,
  },
  signin_declined: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "The sign-in was cancelled",
    detail: "Microsoft reports that the request for consent was declined.",
    action: "Sign in again and accept, or ask your administrator to consent for everyone.",
  },
  signin_wrong_directory: {
    httpStatus: 403,
    retryForMs: 0,
    who: "you",
    title: "This account belongs to another directory",
    detail: "The connection admits accounts of one Entra directory, as members or invited guests.",
    action: "Sign in again with the work account of your organization.",
  },
  signin_account_unusable: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "Microsoft does not let this account sign in",
    detail: "The account is locked, disabled, or its password or second factor was not accepted.",
    action: "Try again; if it repeats, ask your Entra administrator.",
  },
  signin_blocked_by_policy: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "A policy of your directory blocked the sign-in",
    detail:
      "Conditional access asks for something that this sign-in did not bring, such as a device or a second factor.",
    action: "Ask your Entra administrator which policy it was; the sign-in log names it.",
    docs: docsOf.conditionalAccess,
  },
  signin_redirect_mismatch: {
    httpStatus: 502,
    retryForMs: 0,
    who: "entra_admin",
    title: "The application no longer knows our address",
    detail: "The redirect address was changed in Entra after the connection was made (AADSTS50011).",
    action: "Have an owner of your organization connect Microsoft once more; that restores it.",
  },
  signin_application_missing: {
    httpStatus: 502,
    retryForMs: 0,
    who: "entra_admin",
    title: "The application is gone from your directory",
    detail: "Someone removed the application that this connection uses (AADSTS700016).",
    action: "Have an owner of your organization connect Microsoft once more.",
  },
  signin_service_missing: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "Your directory lacks a Microsoft service",
    detail: "The directory has not subscribed to, or has disabled, a service that the application needs.",
    action: "Have your Entra administrator check the directory's service subscriptions.",
    docs: docsOf.disabledApp,
  },
  signin_application_disabled: {
    httpStatus: 403,
    retryForMs: 0,
    who: "entra_admin",
    title: "The application is disabled in your directory",
    detail: "Someone switched off sign-in for the enterprise application.",
    action: "Have your Entra administrator enable it.",
    docs: docsOf.disabledApp,
  },
  signin_misconfigured: {
    httpStatus: 502,
    retryForMs: 0,
    who: "authio",
    title: "Microsoft finds the application misconfigured",
    detail: "Microsoft answered with an error that repeating cannot mend.",
    action:
      "Have an owner of your organization connect Microsoft once more; if it repeats, contact Authio support.",
  },
  signin_token_invalid: {
    httpStatus: 502,
    retryForMs: 0,
    who: "authio",
    title: "Microsoft's token could not be trusted",
    detail: "The identity token failed a check.",
    action: "Start the sign-in again.",
  },
  signin_unavailable: {
    httpStatus: 503,
    retryForMs: 0,
    who: "wait",
    title: "Microsoft does not answer for the moment",
    detail: "The sign-in could not be finished.",
    action: "Try again in a minute.",
  },
  signin_secret_refused: {
    httpStatus: 502,
    retryForMs: 0,
    who: "entra_admin",
    title: "Microsoft refuses this connection's secret",
    detail: "The client secret was removed or has expired.",
    action: "Have an owner of your organization connect Microsoft once more.",
  },
} as const satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof errorCodes;

/** True when somebody stopped it by hand. */
export function isStoppedByHand(code: ErrorCode | null): boolean {
  return code === "cancelled_by_operator" || code === "cancelled_by_organization";
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorCodes, value);
}

/** The facts of one code, widened to the common shape. */
export function factsOf(code: ErrorCode): ErrorFacts {
  return errorCodes[code];
}
