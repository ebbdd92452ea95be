import type { ErrorCode } from "./error-codes.ts";

/**
 * One code of Microsoft's: what it means in a sentence, and which of our codes it is in each place it can turn up: on
 * the approval's way back, in a run, or when a user signs in.
 */
export interface MicrosoftCode {
  readonly meaning: string;
  readonly consent?: ErrorCode;
  readonly run?: ErrorCode;
  readonly signIn?: ErrorCode;
}

const blocked = { consent: "consent_blocked", signIn: "signin_blocked_by_policy" } as const;
const unknownTenant = {
  consent: "consent_failed",
  run: "tenant_not_found",
  signIn: "signin_refused",
} as const;
const busy = {
  consent: "consent_failed",
  run: "microsoft_unavailable",
  signIn: "signin_unavailable",
} as const;
const account = { consent: "consent_failed", signIn: "signin_account_unusable" } as const;
const misconfigured = { run: "microsoft_refused_request", signIn: "signin_misconfigured" } as const;

/**
 * The numbers of Entra's sign-in errors that this flow meets. Numbers refine; the OAuth error beside them decides
 * where a number is missing here, so an unknown one still ends in a sound sentence.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes (read November 2026)
 */
export const aadstsCodes: Readonly<Record<number, MicrosoftCode>> = {
  50001: { meaning: "The resource that was asked for is not known in this directory.", ...misconfigured },
  50011: {
    meaning: "The redirect address is not registered with the application.",
    consent: "consent_redirect_mismatch",
    signIn: "signin_redirect_mismatch",
  },
  50020: {
    meaning: "The account belongs to another directory and is not a guest here.",
    consent: "consent_wrong_directory",
    signIn: "signin_wrong_directory",
  },
  50033: { meaning: "A passing error inside Microsoft's service.", ...busy },
  50034: {
    meaning: "The account or directory is not known.",
    consent: "consent_wrong_directory",
    run: "tenant_not_found",
    signIn: "signin_wrong_directory",
  },
  50053: { meaning: "The account is locked after too many wrong passwords.", ...account },
  50055: { meaning: "The account's password has expired.", ...account },
  50057: { meaning: "The account is disabled.", ...account },
  50058: { meaning: "Nobody is signed in to Microsoft in this browser.", signIn: "signin_refused" },
  50059: { meaning: "The directory could not be determined.", ...unknownTenant },
  50076: { meaning: "A policy asks for multi-factor authentication.", ...blocked },
  50079: { meaning: "The account must first register for multi-factor authentication.", ...blocked },
  50097: { meaning: "A policy asks for a registered device.", ...blocked },
  50105: { meaning: "The account is not assigned to the application.", signIn: "signin_not_assigned" },
  50126: { meaning: "User name or password is wrong.", ...account },
  50128: { meaning: "The domain belongs to no directory.", ...unknownTenant },
  50131: { meaning: "A conditional access policy refused the sign-in.", ...blocked },
  50158: { meaning: "A policy asks for a challenge of another provider.", ...blocked },
  50196: { meaning: "The same request came too often in a short time.", run: "microsoft_throttled" },
  53000: { meaning: "A policy asks for a compliant device.", ...blocked },
  53001: { meaning: "A policy asks for a domain-joined device.", ...blocked },
  53002: { meaning: "A policy asks for an approved app.", ...blocked },
  53003: {
    meaning: "A conditional access policy refused the sign-in.",
    ...blocked,
    run: "conditional_access_blocked",
  },
  53004: { meaning: "The account must first register for multi-factor authentication.", ...blocked },
  54005: { meaning: "The sign-in code was used already.", signIn: "signin_state_invalid" },
  65001: {
    meaning: "Nobody has consented to the application for this account.",
    consent: "consent_declined",
    run: "consent_not_effective",
    signIn: "signin_consent_required",
  },
  65004: {
    meaning: "The person declined to consent.",
    consent: "consent_declined",
    signIn: "signin_declined",
  },
  65005: { meaning: "The application asks for a permission it has not declared.", ...misconfigured },
  70008: { meaning: "The sign-in code has expired.", signIn: "signin_state_invalid" },
  70011: { meaning: "The scope that was asked for is not valid.", ...misconfigured },
  90002: { meaning: "The directory is not known, or lives in another Microsoft cloud.", ...unknownTenant },
  90006: { meaning: "An external service of Microsoft's is busy.", ...busy },
  90012: { meaning: "Microsoft's service timed out.", ...busy },
  90019: { meaning: "The directory could not be determined.", ...unknownTenant },
  90024: { meaning: "The request was too long under way inside Microsoft's service.", ...busy },
  90033: { meaning: "Microsoft's service is away for the moment.", ...busy },
  90038: { meaning: "The directory lives in another Microsoft cloud.", ...unknownTenant },
  90055: { meaning: "The directory is throttled.", run: "microsoft_throttled", signIn: "signin_unavailable" },
  90072: {
    meaning: "The account is not known in this directory and must be invited first.",
    consent: "consent_wrong_directory",
    signIn: "signin_wrong_directory",
  },
  90090: { meaning: "A passing error inside Microsoft's graph service.", ...busy },
  90094: {
    meaning: "An administrator must consent; this account may not.",
    consent: "consent_admin_required",
    signIn: "signin_consent_required",
  },
  90095: {
    meaning: "An administrator must consent, and has been asked to.",
    consent: "consent_admin_required",
    signIn: "signin_consent_required",
  },
  500011: {
    meaning: "Microsoft Graph is not present in this directory.",
    run: "microsoft_refused_request",
    signIn: "signin_misconfigured",
  },
  500021: { meaning: "A tenant restriction forbids access to this directory.", ...blocked },
  500022: { meaning: "A tenant restriction policy forbids access to this directory.", ...blocked },
  500121: { meaning: "Multi-factor authentication was not completed.", ...account },
  501481: { meaning: "The code belongs to another request.", signIn: "signin_state_invalid" },
  530032: {
    meaning: "Security defaults or a policy of the directory refused the sign-in.",
    ...blocked,
    run: "conditional_access_blocked",
  },
  530035: {
    meaning: "Security defaults refused the sign-in.",
    ...blocked,
    run: "conditional_access_blocked",
  },
  700016: {
    meaning: "The application does not exist in this directory.",
    consent: "consent_failed",
    run: "consent_not_effective",
    signIn: "signin_application_missing",
  },
  900382: { meaning: "The directory lives in another Microsoft cloud.", ...unknownTenant },
  900432: { meaning: "The directory lives in another Microsoft cloud.", ...unknownTenant },
  7000112: {
    meaning: "The application is disabled in this directory.",
    consent: "consent_blocked",
    run: "application_disabled",
    signIn: "signin_application_disabled",
  },
  7000215: {
    meaning: "The client secret is wrong.",
    run: "provisioning_credential_refused",
    signIn: "signin_secret_refused",
  },
  7000222: {
    meaning: "The client secret has expired.",
    run: "provisioning_credential_refused",
    signIn: "signin_secret_refused",
  },
  7000229: {
    meaning: "The application has no service principal in this directory.",
    run: "consent_not_effective",
    signIn: "signin_application_missing",
  },
};

/**
 * Codes of Graph's error bodies.
 * @see https://learn.microsoft.com/graph/errors (read November 2026)
 */
export const graphCodes: Readonly<Record<string, MicrosoftCode & { readonly run: ErrorCode }>> = {
  Authorization_RequestDenied: {
    meaning: "The permission that was approved does not cover this call.",
    run: "permission_denied",
  },
  Authorization_IdentityNotFound: {
    meaning: "Our app is not yet, or no longer, known in the directory.",
    run: "consent_not_effective",
  },
  InvalidAuthenticationToken: {
    meaning: "The access token was not accepted.",
    run: "consent_not_effective",
  },
  CredentialInvalidLifetimeAsPerAppPolicy: {
    meaning: "An app management policy allows only shorter-lived secrets.",
    run: "secret_lifetime_forbidden_by_policy",
  },
  CredentialTypeNotAllowedAsPerAppPolicy: {
    meaning: "An app management policy forbids client secrets.",
    run: "secrets_forbidden_by_policy",
  },
  SignInAudienceNotAllowedAsPerAppPolicy: {
    meaning: "An app management policy forbids this sign-in audience.",
    run: "audience_forbidden_by_policy",
  },
  ServiceTreeValueMissing: {
    meaning: "The directory demands a serviceManagementReference.",
    run: "service_reference_required",
  },
  Directory_QuotaExceeded: {
    meaning: "The directory holds as many objects as it may.",
    run: "quota_exceeded",
  },
  Directory_ConcurrencyViolation: {
    meaning: "Another change reached the same object at the same moment.",
    run: "microsoft_unavailable",
  },
  Request_ResourceNotFound: {
    meaning: "The object is not, or not yet, there.",
    run: "application_not_ready",
  },
  Request_BadRequest: { meaning: "Microsoft found the call malformed.", run: "microsoft_refused_request" },
  Request_UnsupportedQuery: {
    meaning: "Microsoft does not support the query.",
    run: "microsoft_refused_request",
  },
  TooManyRequests: { meaning: "The directory limits our calls.", run: "microsoft_throttled" },
  activityLimitReached: { meaning: "The directory limits our calls.", run: "microsoft_throttled" },
  UnknownError: { meaning: "An error inside Microsoft's service.", run: "microsoft_unavailable" },
  generalException: { meaning: "An error inside Microsoft's service.", run: "microsoft_unavailable" },
  serviceNotAvailable: {
    meaning: "Microsoft's service is away for the moment.",
    run: "microsoft_unavailable",
  },
};

/** What Microsoft itself called a failure; kept with the request and shown for support. Holds no free text. */
export interface MicrosoftReference {
  /** `AADSTS…` or Graph's code. */
  readonly code: string;
  /** Microsoft's id of the call, which its support asks for. */
  readonly correlationId?: string | undefined;
}

/** True for a reference of Microsoft's shape: it came through Temporal, where anybody may have written it. */
export function isMicrosoftReference(value: unknown): value is MicrosoftReference {
  if (typeof value !== "object" || value === null) return false;
  const { code, correlationId, ...rest } = value as Record<string, unknown>;
  return (
    Object.keys(rest).length === 0 &&
    typeof code === "string" &&
    /^[\w.-]{1,128}$/.test(code) &&
    (correlationId === undefined ||
      (typeof correlationId === "string" && /^[\w.-]{1,128}$/.test(correlationId)))
  );
}

/** The sentence and Microsoft's own page for a code; undefined for a code that is not in the tables. */
export function describeMicrosoftCode(code: string): { meaning: string; url: string } | undefined {
  const number = /^AADSTS(\d{4,8})$/.exec(code)?.[1];
  if (number !== undefined) {
    const known = aadstsCodes[Number(number)];
    // Microsoft's look-up page knows more numbers than this table.
    return {
      meaning: known?.meaning ?? "An error of Microsoft's sign-in service.",
      url: `https://login.microsoftonline.com/error?code=${number}`,
    };
  }
  return Object.hasOwn(graphCodes, code)
    ? { meaning: graphCodes[code]?.meaning ?? "", url: "https://learn.microsoft.com/graph/errors" }
    : undefined;
}

/** Reads the number and the correlation id out of an `error_description`; nothing else of it is kept. */
export function parseErrorDescription(text: string): { aadsts?: number; correlationId?: string } {
  const aadsts = /AADSTS(\d{4,8})/.exec(text)?.[1];
  const correlationId = /Correlation ID: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/i.exec(text)?.[1];
  return {
    ...(aadsts === undefined ? {} : { aadsts: Number(aadsts) }),
    ...(correlationId === undefined ? {} : { correlationId: correlationId.toLowerCase() }),
  };
}
