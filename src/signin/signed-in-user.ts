import { z } from "zod";
import { CodedError } from "../domain/coded-error.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";

/** Who signed in. The identity is `tid` and `oid`; everything else is for display and may change. */
export interface SignedInUser {
  readonly connection_id: string;
  readonly org_id: string;
  readonly tid: string;
  readonly oid: string;
  readonly sub: string;
  readonly name: string;
  readonly email?: string;
  /** Microsoft says that the owner of the email's domain vouches for it (`xms_edov`). */
  readonly email_verified: boolean;
  /** Object ids, or null when Microsoft says there are too many to list. */
  readonly groups: readonly string[] | null;
  readonly groups_overage: boolean;
}

const claimsSchema = z.object({
  tid: z.string(),
  oid: z.string(),
  sub: z.string(),
  ver: z.literal("2.0"),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  email: z.string().optional(),
  xms_edov: z.union([z.boolean(), z.number(), z.string()]).optional(),
  groups: z.array(z.string()).optional(),
  hasgroups: z.boolean().optional(),
  _claim_names: z.object({ groups: z.string().optional() }).optional(),
});

/**
 * Reads the claims of a verified id_token.
 * @see https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference (read November 2026)
 * @throws {CodedError} signin_token_invalid for another tenant or missing claims
 */
export function toSignedInUser(connection: SsoConnection, rawClaims: unknown): SignedInUser {
  const parsed = claimsSchema.safeParse(rawClaims);
  if (!parsed.success || parsed.data.tid !== connection.entraTenantId)
    throw new CodedError("signin_token_invalid");
  const claims = parsed.data;
  // More than 200 groups: Microsoft sends a pointer, which means unknown and never "none".
  const overage = claims._claim_names?.groups !== undefined || claims.hasgroups === true;
  return {
    connection_id: connection.id,
    org_id: connection.orgId,
    tid: claims.tid,
    oid: claims.oid,
    sub: claims.sub,
    name: claims.name ?? claims.preferred_username ?? claims.oid,
    ...(claims.email === undefined ? {} : { email: claims.email }),
    email_verified: claims.email !== undefined && [true, 1, "1", "true"].includes(claims.xms_edov ?? false),
    groups: overage ? null : (claims.groups ?? []),
    groups_overage: overage,
  };
}
