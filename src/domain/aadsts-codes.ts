import type { AadstsCode, AadstsGroup } from "./aadsts-code.ts";

const blocked = { consent: "consent_blocked", signIn: "signin_blocked_by_policy" } as const;
const account = { consent: "consent_failed", signIn: "signin_account_unusable" } as const;
const passing = { helps: "passes", consent: "service_unavailable", signIn: "signin_unavailable" } as const;
const code = { helps: "new_code", signIn: "signin_state_invalid" } as const;
const credential = { run: "provisioning_credential_refused", signIn: "signin_secret_refused" } as const;

const groups: readonly AadstsGroup[] = [
  {
    ...passing,
    run: "microsoft_unavailable",
    numbers: {
      40010: "The identity provider behind the directory had a passing error.",
      50000: "Microsoft's service could not issue a token for the moment.",
      50033: "A passing error inside Microsoft's service.",
      50087: "A passing error inside Microsoft's multi-factor service.",
      51005: "Microsoft's service asked for the same request elsewhere.",
      70012: "Microsoft's service for personal accounts had an error.",
      80001: "The directory's own password check does not answer.",
      80002: "The directory's own password check timed out.",
      90006: "An external service of Microsoft's is busy.",
      90012: "Microsoft's service timed out.",
      90024: "The request was too long under way inside Microsoft's service.",
      90033: "Microsoft's service is away for the moment.",
      90085: "The directory is not yet known everywhere in Microsoft's service.",
      90090: "A passing error inside Microsoft's graph service.",
      90091: "Microsoft's graph service does not answer.",
    },
  },
  {
    ...passing,
    run: "microsoft_throttled",
    numbers: {
      50166: "A provider of claims is throttled.",
      50196: "The same request came too often in a short time.",
      90055: "The directory is throttled.",
    },
  },
  {
    helps: "spreads",
    consent: "consent_not_effective",
    run: "consent_not_effective",
    signIn: "signin_application_missing",
    numbers: {
      70001: "The application is not known in this directory.",
      700011: "The application is not known in this directory.",
      700016: "The application does not exist in this directory.",
      7000229: "The application has no service principal in this directory.",
    },
  },
  {
    helps: "spreads",
    consent: "consent_not_effective",
    run: "consent_not_effective",
    signIn: "signin_consent_required",
    numbers: {
      650051: "Another approval of the application is under way, or was left half done.",
      650056: "The application lists no such permission, or no administrator has consented to it.",
    },
  },
  {
    consent: "microsoft_service_missing",
    run: "microsoft_service_missing",
    signIn: "signin_service_missing",
    numbers: {
      500014: "A service that the application needs is disabled in this directory.",
      650052: "The organization has not subscribed to, or not enabled, a service that the application needs.",
    },
  },
  {
    consent: "application_disabled",
    run: "application_disabled",
    signIn: "signin_application_disabled",
    numbers: { 7000112: "The application is disabled in this directory." },
  },
  {
    ...credential,
    numbers: {
      50012: "The application's credential was not accepted.",
      700024: "The application's assertion is outside its time.",
      700027: "The application's assertion has a wrong signature.",
      7000215: "The client secret is wrong.",
      7000216: "The application sent no credential.",
      7000218: "The application sent no credential.",
      7000222: "The client secret has expired.",
    },
  },
  { ...credential, isGeneric: true, numbers: { 70002: "The application's credential was not accepted." } },
  {
    ...code,
    numbers: {
      50148: "The code belongs to another request.",
      54005: "The sign-in code was used already.",
      70008: "The sign-in code has expired.",
      501481: "The code belongs to another request.",
      700005: "The code is another directory's.",
    },
  },
  {
    // What a code that was cut, or made up, is met with; everything else of the calls is ours and always the same.
    ...code,
    consent: "provisioning_app_misconfigured",
    run: "microsoft_refused_request",
    numbers: { 9002313: "The request is malformed; where it brings a code, that is." },
  },
  { ...code, isGeneric: true, numbers: { 70000: "The sign-in code was not accepted." } },
  {
    consent: "provisioning_app_misconfigured",
    run: "microsoft_refused_request",
    signIn: "signin_misconfigured",
    numbers: {
      50001: "The resource that was asked for is not known in this directory.",
      50146: "The application needs a signing key of its own.",
      50194: "The application admits accounts of its own directory only.",
      65005: "The application asks for a permission it has not declared.",
      70003: "The application may not use this kind of request.",
      70005: "The application may not ask for this kind of answer.",
      70011: "The scope that was asked for is not valid.",
      90008: "The application must declare that it signs people in.",
      90014: "A parameter of the request is missing.",
      500011: "Microsoft Graph is not present in this directory.",
      650053: "The application asks for a permission that the service does not have.",
      650054: "The application asks for a service that has been removed.",
      650057: "The application asks for a service that its registration does not list.",
      700025: "The application is registered as one without secret.",
      700054: "The application may not ask for this kind of answer.",
      900144: "A parameter of the request is missing.",
      9001023: "This kind of request needs the directory's own address.",
    },
  },
  {
    consent: "consent_redirect_mismatch",
    signIn: "signin_redirect_mismatch",
    numbers: {
      50011: "The redirect address is not registered with the application.",
      500112: "The redirect address is not the one that the code was asked for with.",
      500113: "The application has no redirect address.",
    },
  },
  {
    consent: "tenant_not_found",
    run: "tenant_not_found",
    signIn: "signin_refused",
    numbers: {
      50059: "The directory could not be determined.",
      50128: "The domain belongs to no directory.",
      90002: "The directory is not known, or lives in another Microsoft cloud.",
      90019: "The directory could not be determined.",
      90038: "The directory lives in another Microsoft cloud.",
      90043: "The directory lives in another Microsoft cloud.",
      900382: "The directory lives in another Microsoft cloud.",
      900432: "The directory lives in another Microsoft cloud.",
    },
  },
  {
    consent: "directory_blocked",
    run: "directory_blocked",
    signIn: "signin_refused",
    numbers: {
      5000224: "The directory has been closed or taken away.",
      5000225: "The directory is blocked since nobody used it for long.",
    },
  },
  {
    consent: "consent_wrong_directory",
    signIn: "signin_wrong_directory",
    numbers: {
      16003: "The account has not been added to this directory.",
      50014: "The guest has not yet accepted the invitation to this directory.",
      50020: "The account belongs to another directory and is not a guest here.",
      51004: "The account does not exist in this directory.",
      90072: "The account is not known in this directory and must be invited first.",
      500200: "The account is a personal one and no guest here.",
    },
  },
  {
    consent: "consent_wrong_directory",
    run: "tenant_not_found",
    signIn: "signin_wrong_directory",
    numbers: { 50034: "The account or directory is not known." },
  },
  {
    consent: "consent_not_assigned",
    run: "consent_not_effective",
    signIn: "signin_not_assigned",
    numbers: {
      50105: "The account is not assigned to the application.",
      501051: "The application is not assigned to the service it asks for.",
    },
  },
  { consent: "consent_declined", signIn: "signin_declined", numbers: { 65004: "The person declined it." } },
  {
    helps: "needs_person",
    consent: "consent_declined",
    run: "consent_not_effective",
    signIn: "signin_consent_required",
    numbers: { 65001: "Nobody has consented to the application for this account." },
  },
  {
    consent: "consent_admin_required",
    signIn: "signin_consent_required",
    numbers: {
      90093: "This account may not do what was asked; an administrator must.",
      90094: "An administrator must consent; this account may not.",
      90095: "An administrator must consent, and has been asked to.",
    },
  },
  {
    helps: "needs_person",
    numbers: {
      16000: "Several accounts are signed in; one must be chosen.",
      16002: "The chosen session is not there any more.",
      50058: "Nobody is signed in to Microsoft in this browser.",
      50089: "The sign-in took too long on Microsoft's page.",
      50132: "The session has ended, or the password has changed.",
      50133: "The session has ended since the password has changed.",
      50140: "Microsoft asks whether to stay signed in.",
      50143: "The session belongs to another directory.",
      50168: "The browser must first show its own sign-in to Microsoft.",
      50173: "A fresh sign-in is needed.",
      50199: "Microsoft asks the person to confirm.",
      51006: "Microsoft asks for another sign-in.",
      70043: "A policy asks for a sign-in more often than this.",
      70044: "The session has ended.",
      700082: "The session was not used for too long.",
    },
  },
  {
    helps: "needs_person",
    ...account,
    numbers: {
      50055: "The account's password has expired.",
      50142: "A policy asks for a new password.",
      50144: "The account's password has expired.",
      500121: "Multi-factor authentication was not completed.",
    },
  },
  {
    helps: "needs_person",
    ...blocked,
    numbers: {
      50072: "The account must first register for multi-factor authentication.",
      50074: "A policy asks for multi-factor authentication.",
      50076: "A policy asks for multi-factor authentication.",
      50078: "Multi-factor authentication is too long ago.",
      50079: "The account must first register for multi-factor authentication.",
      50097: "A policy asks for a registered device.",
      50125: "The account must first register for password reset.",
      50129: "A policy asks for a registered device.",
      50158: "A policy asks for a challenge of another provider.",
      53004: "The account must first register for multi-factor authentication.",
    },
  },
  {
    ...account,
    numbers: {
      50053: "The account is locked after too many wrong passwords.",
      50056: "The account has no password in this directory.",
      50057: "The account is disabled.",
      50064: "The account's password was not accepted.",
      50126: "User name or password is wrong.",
      500341: "The account has been deleted.",
      500571: "The guest account is disabled.",
    },
  },
  {
    ...blocked,
    numbers: {
      50005: "A policy does not admit this kind of device.",
      50131: "A conditional access policy refused the sign-in.",
      53000: "A policy asks for a compliant device.",
      53001: "A policy asks for a domain-joined device.",
      53002: "A policy asks for an approved app.",
      53009: "A policy asks for a protected app.",
      53011: "The account is blocked, since its own directory reports a risk.",
      500021: "A tenant restriction forbids access to this directory.",
      500022: "A tenant restriction policy forbids access to this directory.",
      500212: "The account's own directory does not admit access to this one.",
      500213: "This directory does not admit accounts of that one.",
      530003: "A policy asks for a managed device.",
      530004: "A policy asks for a compliant device, and the directory does not accept those of others.",
      530034: "A policy against suspicious activity refused the sign-in.",
    },
  },
  {
    ...blocked,
    run: "conditional_access_blocked",
    numbers: {
      53003: "A conditional access policy refused the sign-in.",
      530032: "Security defaults or a policy of the directory refused the sign-in.",
      530035: "Security defaults refused the sign-in.",
    },
  },
];

/**
 * The numbers of Entra's sign-in errors that this flow can meet, by number.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes (read November 2026)
 */
export const aadstsCodes: Readonly<Record<number, AadstsCode>> = Object.fromEntries(
  groups.flatMap(({ numbers, ...group }) =>
    Object.entries(numbers).map(([number, meaning]) => [number, { meaning, ...group }]),
  ),
);
