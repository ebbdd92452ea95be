import type { ErrorCode } from "../domain/error-codes.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { decidingNumber, judgeOAuthError, readOAuthError } from "./oauth-error.ts";

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
