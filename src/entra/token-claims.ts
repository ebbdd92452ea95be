/**
 * An authorized party that is not us means that somebody else asked for the token, whatever its audience says (OpenID
 * Connect Core 3.1.3.7, point 5). Absent is fine.
 */
export function isForAnotherParty(claims: Readonly<Record<string, unknown>>, clientId: string): boolean {
  return claims["azp"] !== undefined && claims["azp"] !== clientId;
}

/**
 * Whether the account is at home in the directory, from `acct`. Undefined where Microsoft did not say so in one of the
 * two ways it does (0 and 1, as numbers or as text): whoever asks fails closed then.
 * @see https://learn.microsoft.com/entra/identity-platform/optional-claims-reference (read November 2026)
 */
export function userTypeOf(claims: Readonly<Record<string, unknown>>): "member" | "guest" | undefined {
  const { acct } = claims;
  if (acct === 0 || acct === "0") return "member";
  return acct === 1 || acct === "1" ? "guest" : undefined;
}
