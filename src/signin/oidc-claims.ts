import { createHash } from "node:crypto";
import type { CodeGrant } from "./code-store.ts";

/** Of OpenID Connect Core 5.4; `groups` is ours. Anything else that is asked for is left out. */
export const knownScopes = ["openid", "profile", "email", "groups"] as const;

/** What ID token and userinfo both say of the person. */
export function identityClaims(
  { identity }: CodeGrant,
  scopes: readonly string[],
): { sub: string } & Record<string, unknown> {
  const { name, email, email_verified: isVerified, groups, groups_overage: overage, ...who } = identity;
  return {
    ...who,
    ...(scopes.includes("profile") && name !== undefined ? { name } : {}),
    ...(scopes.includes("email") && email !== undefined ? { email, email_verified: isVerified } : {}),
    ...(scopes.includes("groups") ? { groups, groups_overage: overage } : {}),
  };
}

/** `at_hash` of an RS256 ID token (OpenID Connect Core 3.1.3.6). */
export function accessTokenHash(accessToken: string): string {
  return createHash("sha256").update(accessToken).digest().subarray(0, 16).toString("base64url");
}
