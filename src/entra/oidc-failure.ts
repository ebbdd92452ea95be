import * as oidc from "openid-client";
import { type CodedError } from "../domain/coded-error.ts";

/** What stopped a code exchange, so that its callers can decide without knowing openid-client. */
export type OidcFailure =
  | { readonly kind: "refused"; readonly error: string; readonly aadsts: number | undefined }
  | { readonly kind: "unreachable" }
  | { readonly kind: "invalid" };

/** Sorts whatever a code exchange threw. A `CodedError` is a judgement already and is not for here. */
export function toOidcFailure(error: Exclude<unknown, CodedError>): OidcFailure {
  if (error instanceof oidc.ResponseBodyError) {
    if (error.status >= 500 || error.status === 429) return { kind: "unreachable" };
    const number = /AADSTS(\d+)/.exec(error.error_description ?? "")?.[1];
    return { kind: "refused", error: error.error, aadsts: number === undefined ? undefined : Number(number) };
  }
  if (error instanceof oidc.AuthorizationResponseError)
    return { kind: "refused", error: error.error, aadsts: undefined };
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
