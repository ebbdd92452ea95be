import * as oidc from "openid-client";
import { type CodedError } from "../domain/coded-error.ts";
import { parseErrorDescription } from "../domain/microsoft-codes.ts";

/** What stopped a code exchange, so that its callers can decide without knowing openid-client. */
export type OidcFailure =
  | {
      readonly kind: "refused";
      readonly error: string;
      readonly aadsts: number | undefined;
      readonly correlationId: string | undefined;
    }
  | { readonly kind: "unreachable" }
  | { readonly kind: "invalid" };

/** Sorts whatever a code exchange threw. A `CodedError` is a judgement already and is not for here. */
export function toOidcFailure(error: Exclude<unknown, CodedError>): OidcFailure {
  if (error instanceof oidc.ResponseBodyError) {
    if (error.status >= 500 || error.status === 429) return { kind: "unreachable" };
    const { aadsts, correlationId } = parseErrorDescription(error.error_description ?? "");
    return { kind: "refused", error: error.error, aadsts, correlationId };
  }
  if (error instanceof oidc.AuthorizationResponseError)
    return { kind: "refused", error: error.error, aadsts: undefined, correlationId: undefined };
  const code = (error as { code?: unknown }).code;
  const unreachable = [
    "OAUTH_TIMEOUT",
    "OAUTH_ABORT",
    "OAUTH_RESPONSE_IS_NOT_CONFORM",
    "OAUTH_RESPONSE_IS_NOT_JSON",
    "OAUTH_PARSE_ERROR",
  ];
  if (error instanceof TypeError || (typeof code === "string" && unreachable.includes(code)))
    return { kind: "unreachable" };
  return { kind: "invalid" };
}
