import { type AadstsCode, aadstsCodes } from "../domain/aadsts-codes.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { MicrosoftReference } from "../domain/microsoft-codes.ts";

/** An OAuth error as Microsoft gave it, in an answer of the token endpoint or in the query of a redirect. */
export interface OAuthError {
  /** HTTP status of the answer; absent when the browser brought it. */
  readonly status?: number;
  /** `error`; absent where the answer could not be read. */
  readonly word: string | undefined;
  /** All AADSTS numbers, in the order given. */
  readonly numbers: readonly number[];
  readonly correlationId?: string | undefined;
}

/** Where it was met: approval and hop come by browser, proof and run by token endpoint, sign-in by either. */
export type OAuthPlace = "consent" | "hop" | "proof" | "run" | "sign_in" | "sign_in_code";

/** What to do about it. `code` is what it is called once nothing more is tried. */
export interface OAuthVerdict {
  readonly kind: "final" | NonNullable<AadstsCode["helps"]>;
  readonly code: ErrorCode;
}

/** Reads `error`, `error_codes`, `error_description` and the rest, from a JSON body; what is malformed counts as absent. */
export function readOAuthError(status: number, body: unknown): OAuthError {
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const codes = Array.isArray(fields["error_codes"]) ? fields["error_codes"] : [fields["error_codes"]];
  return { status, ...read(textOf(fields), codes) };
}

/** The same from the query of a redirect; undefined when it reports no error. */
export function readOAuthRedirect(query: URLSearchParams): OAuthError | undefined {
  return query.get("error") === null ? undefined : read((name) => query.get(name) ?? "", []);
}

const textOf = (fields: Record<string, unknown>) => (name: string) => {
  const value = fields[name];
  return typeof value === "string" ? value : "";
};

const numbersMax = 8;

function read(text: (name: string) => string, codes: readonly unknown[]): OAuthError {
  const description = text("error_description");
  const found = [
    ...codes,
    ...Array.from(description.matchAll(/AADSTS(\d{4,8})\b/g), ([, number]) => number),
    /[?&]code=(\d{4,8})\b/.exec(text("error_uri"))?.[1],
  ].map(Number);
  const correlationId = [text("correlation_id"), /Correlation ID: ?([0-9a-f-]{36})/i.exec(description)?.[1]]
    .map((id) => id?.toLowerCase() ?? "")
    .find((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id));
  return {
    word: /^[\w.-]{1,80}$/.exec(text("error"))?.[0],
    numbers: [...new Set(found.filter((number) => Number.isSafeInteger(number) && number >= 1000))].slice(
      0,
      numbersMax,
    ),
    correlationId,
  };
}

/** What Microsoft called it, by the number that decided; undefined where it gave none. */
export function referenceOf({ numbers, correlationId }: OAuthError): MicrosoftReference | undefined {
  const number = decidingNumber(numbers);
  return number === undefined ? undefined : { code: `AADSTS${number}`, correlationId };
}

/** Of several numbers one that passes, else one that says why, else one that says "refused"; at last an unknown one. */
export function decidingNumber(numbers: readonly number[]): number | undefined {
  const known = numbers.filter((number) => aadstsCodes[number] !== undefined);
  return (
    known.find((number) => aadstsCodes[number]?.helps === "passes") ??
    known.find((number) => !aadstsCodes[number]?.isGeneric) ??
    known[0] ??
    numbers[0]
  );
}

/**
 * The one place where an OAuth error of Microsoft's is judged: what passes before what is final, the number before
 * the word (`access_denied` and `invalid_client` stand for many causes), and a default for what nobody knows.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes (read November 2026)
 */
export function judgeOAuthError(error: OAuthError, place: OAuthPlace): OAuthVerdict {
  const number = decidingNumber(error.numbers);
  const known = number === undefined ? undefined : aadstsCodes[number];
  const { status } = error;
  const isBusy = status !== undefined && (status >= 500 || [408, 409, 429].includes(status));
  if (known?.helps === "passes" || isBusy || (status !== undefined && error.word === undefined))
    return passing(place, known?.run === "microsoft_throttled" || status === 429);
  const byWord = judgeWord(error.word ?? "", place);
  if (!known) return byWord;
  const code = codeAt(known, place);
  // Another code helps only where one was to be redeemed.
  if (known.helps === "new_code" && place === "proof")
    return { kind: "new_code", code: "service_unavailable" };
  const helps = known.helps === "new_code" ? undefined : known.helps;
  if (helps === undefined) return code === undefined ? byWord : { kind: "final", code };
  return { kind: helps, code: code ?? byWord.code };
}

function codeAt(known: AadstsCode, place: OAuthPlace): ErrorCode | undefined {
  switch (place) {
    case "consent":
      return known.consent;
    case "hop":
      // The approval is recorded by then; what is refused is the confirmation.
      return known.consent === "consent_failed" ? "proof_failed" : known.consent;
    case "proof":
      return codeAt(known, "hop") ?? known.run;
    case "run":
      return known.run;
    default:
      return known.signIn;
  }
}

function passing(place: OAuthPlace, isThrottled: boolean): OAuthVerdict {
  if (place === "run")
    return { kind: "passes", code: isThrottled ? "microsoft_throttled" : "microsoft_unavailable" };
  const isSignIn = place === "sign_in" || place === "sign_in_code";
  return { kind: "passes", code: isSignIn ? "signin_unavailable" : "service_unavailable" };
}

const passingWords = ["temporarily_unavailable", "server_error"];
const personWords = [
  "login_required",
  "interaction_required",
  "consent_required",
  "account_selection_required",
];

/** Without a known number, the word of RFC 6749 or OpenID Connect Core decides. */
function judgeWord(word: string, place: OAuthPlace): OAuthVerdict {
  if (passingWords.includes(word)) return passing(place, false);
  const final = (code: ErrorCode): OAuthVerdict => ({ kind: "final", code });
  switch (place) {
    case "consent":
      return final(
        ["access_denied", "consent_required", "permission_denied"].includes(word)
          ? "consent_declined"
          : "consent_failed",
      );
    case "hop":
      if (word === "access_denied") return final("consent_declined");
      return judgeProofWord(word);
    case "proof":
      if (word === "invalid_client") return final("provisioning_credential_refused");
      if (word === "invalid_grant") return { kind: "new_code", code: "service_unavailable" };
      return judgeProofWord(word);
    case "run":
      if (word === "invalid_client") return final("provisioning_credential_refused");
      if (word === "unauthorized_client") return { kind: "spreads", code: "consent_not_effective" };
      return final("microsoft_refused_request");
    default:
      if (word === "consent_required") return final("signin_consent_required");
      if (word === "invalid_client" && place === "sign_in_code") return final("signin_secret_refused");
      return final(clientWords.includes(word) ? "signin_misconfigured" : "signin_refused");
  }
}

/** Words that say the request or the registration is wrong, whoever signs in. */
const clientWords = [
  "invalid_client",
  "unauthorized_client",
  "invalid_request",
  "invalid_scope",
  "invalid_resource",
  "unsupported_response_type",
  "unsupported_grant_type",
];

function judgeProofWord(word: string): OAuthVerdict {
  if (personWords.includes(word)) return { kind: "needs_person", code: "proof_failed" };
  if (word === "unauthorized_client") return { kind: "spreads", code: "consent_not_effective" };
  return { kind: "final", code: "proof_failed" };
}

/** A verdict as an error, with what Microsoft called it. */
export class OAuthRefusal extends CodedError {
  override readonly name = "OAuthRefusal";
  readonly kind: OAuthVerdict["kind"];

  constructor(
    { kind, code }: OAuthVerdict,
    options: { microsoft?: MicrosoftReference | undefined; retryAfterMs?: number | undefined } = {},
  ) {
    super(code, undefined, options);
    this.kind = kind;
  }
}
