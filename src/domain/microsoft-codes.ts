import { aadstsCodes } from "./aadsts-codes.ts";
import type { ErrorCode } from "./error-codes.ts";

/**
 * Codes of Graph's error bodies.
 * @see https://learn.microsoft.com/graph/errors (read November 2026)
 */
export const graphCodes: Readonly<Record<string, { readonly meaning: string; readonly run: ErrorCode }>> = {
  Authorization_RequestDenied: {
    meaning: "The permission that was approved does not cover this call, or does not everywhere yet.",
    run: "permission_not_effective",
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
  TooManyAppPasswords: {
    meaning: "The application holds as many client secrets as its kind of accounts allows.",
    run: "secret_limit_reached",
  },
  Directory_ResourceSizeExceeded: {
    meaning: "The object holds more values than fit, mostly secrets and certificates.",
    run: "secret_limit_reached",
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
  NoBackingApplicationObject: {
    meaning: "The application is not, or not yet, there for its service principal.",
    run: "application_not_ready",
  },
  Request_MultipleObjectsWithSameKeyValue: {
    meaning: "The object is there already.",
    run: "application_not_ready",
  },
  Directory_ExpiredPageToken: {
    meaning: "The list has changed and must be read from its beginning.",
    run: "microsoft_unavailable",
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
      (typeof correlationId === "string" && /^[\w.-]{0,128}$/.test(correlationId)))
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
