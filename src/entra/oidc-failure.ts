import * as oidc from "openid-client";
import { CodedError } from "../domain/coded-error.ts";
import { factsOf } from "../domain/error-codes.ts";
import { KeyNotPublishedError } from "./exchange-fetch.ts";
import { retryAfterMs } from "./microsoft-error.ts";
import { judgeOAuthError, OAuthRefusal, readOAuthError, referenceOf } from "./oauth-error.ts";

/** Codes of openid-client's for an answer that did not come, or not whole. */
const noAnswer = [
  "OAUTH_TIMEOUT",
  "OAUTH_ABORT",
  "OAUTH_RESPONSE_IS_NOT_CONFORM",
  "OAUTH_RESPONSE_IS_NOT_JSON",
  "OAUTH_PARSE_ERROR",
];

/**
 * Judges whatever a code exchange threw, so that its callers can decide without knowing openid-client. What is a
 * judgement already stays as it is; a token that failed a check becomes `invalid`.
 */
export function toOidcRefusal(
  error: unknown,
  place: "proof" | "sign_in_code",
  invalid: "proof_invalid" | "signin_token_invalid",
): CodedError {
  const passes = (given: { retryAfterMs?: number | undefined } = {}): OAuthRefusal =>
    new OAuthRefusal(judgeOAuthError({ word: "temporarily_unavailable", numbers: [] }, place), given);
  // openid-client wraps what its fetch threw.
  const coded = [error, (error as { cause?: unknown }).cause].find((one) => one instanceof CodedError);
  // The code is spent by then.
  if (coded instanceof KeyNotPublishedError) {
    const code = place === "proof" ? "service_unavailable" : "signin_unavailable";
    return new OAuthRefusal({ kind: "new_code", code }, coded);
  }
  if (coded) {
    const { retryForMs } = factsOf(coded.code);
    return coded instanceof OAuthRefusal || retryForMs === 0 ? coded : passes(coded);
  }
  if (error instanceof oidc.ResponseBodyError) {
    const given = readOAuthError(error.status, error.cause);
    return new OAuthRefusal(judgeOAuthError(given, place), {
      microsoft: referenceOf(given),
      retryAfterMs: retryAfterMs(error.response.headers.get("retry-after")),
    });
  }
  const { code } = error as { code?: unknown };
  if (error instanceof TypeError || (typeof code === "string" && noAnswer.includes(code))) return passes();
  return new CodedError(invalid);
}
