import { z } from "zod";
import { CodedError } from "../domain/coded-error.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { cleanDisplay } from "../domain/text.ts";
import { isForAnotherParty } from "../entra/token-claims.ts";

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
  /** Object ids, or null when Microsoft did not list them: too many, or not readable. */
  readonly groups: readonly string[] | null;
  readonly groups_overage: boolean;
}

/** What says who it is: strict. */
const identitySchema = z.object({
  tid: z.string(),
  oid: z.string().min(1),
  sub: z.string().min(1),
  ver: z.literal("2.0"),
});

/**
 * Reads the claims of a verified id_token. Only what says who it is and for whom can refuse; everything else is optional
 * or for display, and counts as absent when it is not what it should be.
 * @see https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference (read November 2026)
 * @throws {CodedError} signin_token_invalid for another tenant or client, or without identity
 */
export function toSignedInUser(
  connection: Pick<SsoConnection, "id" | "orgId" | "entraTenantId" | "appId">,
  claims: Readonly<Record<string, unknown>>,
): SignedInUser {
  const identity = identitySchema.safeParse(claims);
  if (!identity.success || identity.data.tid !== connection.entraTenantId)
    throw new CodedError("signin_token_invalid");
  if (isForAnotherParty(claims, connection.appId)) throw new CodedError("signin_token_invalid");
  const { tid, oid, sub } = identity.data;
  const email = displayed(claims["email"]);
  return {
    connection_id: connection.id,
    org_id: connection.orgId,
    tid,
    oid,
    sub,
    name: displayed(claims["name"]) ?? displayed(claims["preferred_username"]) ?? oid,
    ...(email === undefined ? {} : { email }),
    email_verified: email !== undefined && isTrue(claims["xms_edov"]),
    ...groupsOf(claims),
  };
}

const displayUnitsMax = 320;

function displayed(value: unknown): string | undefined {
  return typeof value === "string" ? cleanDisplay(value, displayUnitsMax) || undefined : undefined;
}

/** Microsoft writes true in several ways. */
function isTrue(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === "string" && /^(?:1|true)$/i.test(value));
}

/** More than 200 groups: Microsoft sends a pointer, which means unknown and never "none". So does what cannot be read. */
function groupsOf(
  claims: Readonly<Record<string, unknown>>,
): Pick<SignedInUser, "groups" | "groups_overage"> {
  const { groups } = claims;
  if (isTrue(claims["hasgroups"]) || pointsToGroups(claims["_claim_names"]))
    return { groups: null, groups_overage: true };
  const listed = groups ?? [];
  if (typeof listed !== "string" && !Array.isArray(listed)) return { groups: null, groups_overage: false };
  return {
    groups: [listed].flat().filter((one): one is string => typeof one === "string" && one !== ""),
    groups_overage: false,
  };
}

/** `_claim_names` is an object, and has been seen as its JSON text. */
function pointsToGroups(names: unknown): boolean {
  if (typeof names === "string") return /"groups"\s*:/.test(names);
  return typeof names === "object" && names !== null && Object.hasOwn(names, "groups");
}
