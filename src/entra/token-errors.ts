import { z } from "zod";
import type { ErrorCode } from "../domain/error-codes.ts";
import { aadstsCodes, parseErrorDescription } from "../domain/microsoft-codes.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { MicrosoftError } from "./microsoft-error.ts";

const errorBody = z.object({
  error: z.string(),
  error_codes: z.array(z.number()).optional(),
  error_description: z.string().optional(),
  correlation_id: z.string().optional(),
});

const byOAuthError: Readonly<Record<string, ErrorCode>> = {
  invalid_client: "provisioning_credential_refused",
  temporarily_unavailable: "microsoft_unavailable",
  server_error: "microsoft_unavailable",
};

/** Codes that mean "a credential is not known here", which a brand-new secret meets for some seconds. */
const notKnownYet: readonly ErrorCode[] = ["provisioning_credential_refused", "consent_not_effective"];

/**
 * Turns a refusal of the token endpoint into a classified error.
 * `newSecret` says the credential was minted moments ago: then "wrong secret" and "unknown app" mean replication.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes (read November 2026)
 */
export function toTokenError(answer: HttpAnswer, newSecret = false): MicrosoftError {
  const parsed = errorBody.safeParse(answer.json);
  const body = parsed.success ? parsed.data : undefined;
  const aadsts = body?.error_codes?.[0] ?? parseErrorDescription(body?.error_description ?? "").aadsts;
  const facts = {
    status: answer.status,
    reason: body?.error,
    aadsts,
    correlationId: body?.correlation_id,
    retryAfterMs: answer.retryAfterMs,
  };
  const code = classify(answer.status, body?.error, aadsts);
  return new MicrosoftError(newSecret && notKnownYet.includes(code) ? "secret_not_accepted" : code, facts);
}

function classify(status: number, error: string | undefined, aadsts: number | undefined): ErrorCode {
  const known = aadsts === undefined ? undefined : aadstsCodes[aadsts]?.run;
  if (known !== undefined) return known;
  if (status === 429) return "microsoft_throttled";
  if (error === undefined || status >= 500 || status === 408 || status === 409)
    return "microsoft_unavailable";
  return (
    byOAuthError[error] ??
    (error === "unauthorized_client" ? "consent_not_effective" : "microsoft_refused_request")
  );
}
