import { aadstsCodes } from "../domain/aadsts-codes.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { MicrosoftReference } from "../domain/microsoft-codes.ts";

/** Whether this refusal is of our credential itself, by Microsoft's number. The word `invalid_client` alone has other causes, in one tenant only. */
export function isOfCredential(code: ErrorCode, microsoft: MicrosoftReference | undefined): boolean {
  const number = Number(/^AADSTS(\d+)$/.exec(microsoft?.code ?? "")?.[1]);
  return code === refused && aadstsCodes[number]?.run === refused;
}

export function isOwnCredentialRefused(error: unknown): error is CodedError {
  return error instanceof CodedError && isOfCredential(error.code, error.microsoft);
}

const refused = "provisioning_credential_refused";
