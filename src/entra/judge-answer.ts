import * as oidc from "openid-client";
import type { AadstsCode } from "../domain/aadsts-code.ts";
import { aadstsCodes } from "../domain/aadsts-codes.ts";
import { CodedError } from "../domain/coded-error.ts";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";
import { graphCodes, type MicrosoftReference } from "../domain/microsoft-codes.ts";
import { graphErrorSchema } from "./graph-responses.schema.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { KeyNotPublishedError } from "./id-token-key.ts";
import { MicrosoftError, retryAfterMs } from "./microsoft-error.ts";
import {
  decidingNumber,
  type OAuthError,
  readOAuthError,
  readOAuthRedirect,
  referenceOf,
} from "./oauth-error.ts";

// The one module that judges what Microsoft says when it says no: a redirect, a code exchange, an app token, Graph.

/** Where it was met: approval and hop come by browser, proof and run by token endpoint, sign-in by either. */
export type OAuthPlace = "consent" | "hop" | "proof" | "run" | "sign_in" | "sign_in_code";

/** What to do about it. `code` is what it is called once nothing more is tried. */
interface OAuthVerdict {
  readonly kind: "final" | NonNullable<AadstsCode["helps"]>;
  readonly code: ErrorCode;
}

/** A verdict, and what Microsoft itself called the failure. */
export interface Judgement extends OAuthVerdict {
  readonly microsoft?: MicrosoftReference | undefined;
  /** How long Microsoft asked to wait, in ms. */
  readonly retryAfterMs?: number | undefined;
}

/** The error that a redirect brought; undefined when it reports none. */
export function judgeRedirect(
  query: URLSearchParams,
  place: "consent" | "hop" | "sign_in",
): Judgement | undefined {
  const error = readOAuthRedirect(query);
  return error && { ...judgeOAuthError(error, place), microsoft: referenceOf(error) };
}

/** "The person declined it." */
const declinedNumber = 65_004;

/**
 * An OAuth error, wherever it was met: what passes before what is final, the number before
 * the word (`access_denied` and `invalid_client` stand for many causes), and a default for what nobody knows.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes (read November 2026)
 */
export function judgeOAuthError(error: OAuthError, place: OAuthPlace): OAuthVerdict {
  const known = factsOfError(error);
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

/** Of the number that decides; where none does, a press of Cancel is known by its word. */
function factsOfError({ numbers, isCancelled }: OAuthError): AadstsCode | undefined {
  const number = decidingNumber(numbers);
  const known = number === undefined ? undefined : aadstsCodes[number];
  return known ?? (isCancelled ? aadstsCodes[declinedNumber] : undefined);
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

/** Codes of openid-client's for an answer that did not come, or not whole. */
const noAnswer = [
  "OAUTH_TIMEOUT",
  "OAUTH_ABORT",
  "OAUTH_RESPONSE_IS_NOT_CONFORM",
  "OAUTH_RESPONSE_IS_NOT_JSON",
  "OAUTH_PARSE_ERROR",
];

/**
 * Whatever a code exchange threw, so that its callers can decide without knowing openid-client. A token that failed a
 * check is final.
 */
export function judgeExchange(error: unknown, place: "proof" | "sign_in_code"): Judgement {
  const [unavailable, invalid] =
    place === "proof"
      ? (["service_unavailable", "proof_invalid"] as const)
      : (["signin_unavailable", "signin_token_invalid"] as const);
  // openid-client wraps what its fetch threw.
  const coded = [error, (error as { cause?: unknown } | undefined)?.cause].find(
    (one) => one instanceof CodedError,
  );
  if (coded) {
    const { microsoft, retryAfterMs: askedMs } = coded;
    // The code is spent by then.
    if (coded instanceof KeyNotPublishedError)
      return { kind: "new_code", code: unavailable, microsoft, retryAfterMs: askedMs };
    return factsOf(coded.code).retryForMs === 0
      ? { kind: "final", code: place === "proof" ? coded.code : atSignIn(coded.code), microsoft }
      : { kind: "passes", code: unavailable, microsoft, retryAfterMs: askedMs };
  }
  if (error instanceof oidc.ResponseBodyError) {
    const given = readOAuthError(error.status, error.cause);
    return {
      ...judgeOAuthError(given, place),
      microsoft: referenceOf(given),
      retryAfterMs: retryAfterMs(error.response.headers.get("retry-after")),
    };
  }
  const code = (error as { code?: unknown } | undefined)?.code;
  return error instanceof TypeError || (typeof code === "string" && noAnswer.includes(code))
    ? { kind: "passes", code: unavailable }
    : { kind: "final", code: invalid };
}

/** Discovery refuses in the words of a run, which are none for a person who signs in. */
function atSignIn(code: ErrorCode): ErrorCode {
  if (code.startsWith("signin_")) return code;
  return code === "tenant_not_found" ? "signin_refused" : "signin_misconfigured";
}

/** A judgement that is thrown, with what helps. */
export class OAuthRefusal extends CodedError {
  override readonly name = "OAuthRefusal";
  readonly kind: Judgement["kind"];

  constructor({ kind, code, microsoft, retryAfterMs: askedMs }: Judgement) {
    super(code, undefined, { microsoft, retryAfterMs: askedMs });
    this.kind = kind;
  }
}

/** Codes that mean "a credential is not known here", which a brand-new secret meets for some seconds. */
const notKnownYet: readonly ErrorCode[] = ["provisioning_credential_refused", "consent_not_effective"];

/**
 * Turns a refusal of the token endpoint into a classified error of a run.
 * `newSecret` says the credential was minted moments ago: then "wrong secret" and "unknown app" mean replication.
 */
export function toTokenError(answer: HttpAnswer, newSecret = false): MicrosoftError {
  const error = readOAuthError(answer.status, answer.json);
  const { code } = judgeOAuthError(error, "run");
  return new MicrosoftError(newSecret && notKnownYet.includes(code) ? "secret_not_accepted" : code, {
    status: answer.status,
    reason: error.word,
    aadsts: decidingNumber(error.numbers),
    correlationId: error.correlationId,
    retryAfterMs: answer.retryAfterMs,
  });
}

/** Statuses after which a repeat makes sense whatever the body says. */
const transientStatuses = new Set([408, 409, 412, 423, 424]);

/**
 * Classifies a refusal of Graph. 404 means replication lag here, since every id that this flow uses was given by
 * Graph itself. A 403 means the same of permissions, since the token's role was looked at before it was used: roles and
 * ownership spread for some seconds after a consent or a creation. A policy's refusal does not pass.
 * @see https://learn.microsoft.com/graph/errors (read November 2026)
 */
export function toGraphError(answer: HttpAnswer): MicrosoftError {
  const parsed = graphErrorSchema.safeParse(answer.json);
  const error = parsed.success ? parsed.data.error : undefined;
  return new MicrosoftError(
    classify(
      answer.status,
      error?.code ?? undefined,
      typeof error?.message === "string" ? error.message : "",
    ),
    {
      status: answer.status,
      reason: error?.code ?? undefined,
      correlationId:
        error?.innerError?.["request-id"] ??
        error?.innererror?.["request-id"] ??
        answer.headers.get("request-id") ??
        undefined,
      retryAfterMs: answer.retryAfterMs,
    },
  );
}

function classify(status: number, code: string | undefined, message: string): ErrorCode {
  if (status === 429) return "microsoft_throttled";
  if (status >= 500 || transientStatuses.has(status))
    return graphCodes[code ?? ""]?.run === "microsoft_throttled"
      ? "microsoft_throttled"
      : "microsoft_unavailable";
  // The replication text comes as 400 too, where an object is referred to in a body.
  if (status === 400 && /queried reference-property objects are not present/.test(message))
    return "application_not_ready";
  const known = code === undefined ? undefined : graphCodes[code]?.run;
  // "An error of mine" of somebody who may not is a refusal all the same, and no outage to wait out for a day.
  const isRefusal = status === 401 || status === 403;
  if (known !== undefined && !(isRefusal && known === "microsoft_unavailable")) return known;
  if (status === 404) return "application_not_ready";
  if (status === 401) return "consent_not_effective";
  // Microsoft's policies about applications grow, and say so in the same words.
  if (code !== undefined && /policy/i.test(code)) return "forbidden_by_policy";
  if (status === 403 && code !== undefined) return "permission_not_effective";
  // HTML and empty bodies come from something in between, not from Graph.
  if (code === undefined) return "microsoft_unavailable";
  return "microsoft_refused_request";
}
