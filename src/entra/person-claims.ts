import { z } from "zod";
import type { Authentication, Identity } from "../domain/identity.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import { cleanDisplay } from "../domain/text.ts";
import { isForAnotherParty, userTypeOf } from "./token-claims.ts";

/** What says who it is: strict. */
const whoseSchema = z.object({
  tid: z.string(),
  oid: z.string().min(1),
  // Not shown to anybody, but a token without it is none of Microsoft's.
  sub: z.string().min(1),
  ver: z.literal("2.0"),
});

/** What Microsoft says of a person; the rest of an identity is ours. */
export type Person = Omit<Identity, "sub" | "connection_id" | "organization_id" | "project_id">;

/** What an id_token says about the person and the sign-in. */
export interface PersonClaims {
  readonly person: Person;
  readonly authentication: Authentication;
}

/**
 * Reads the claims of a verified id_token. Only what says who it is and for whom can refuse; everything else is optional
 * or for display, and counts as absent when it is not what it should be.
 * @returns undefined for another tenant or client, or without identity
 * @see https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference (read November 2026)
 */
export function readPersonClaims(
  claims: Readonly<Record<string, unknown>>,
  expected: { readonly tenantId: EntraTenantId; readonly clientId: string },
): PersonClaims | undefined {
  const whose = whoseSchema.safeParse(claims);
  if (!whose.success || whose.data.tid !== expected.tenantId) return undefined;
  if (isForAnotherParty(claims, expected.clientId)) return undefined;
  const { tid, oid } = whose.data;
  const email = displayed(claims["email"]);
  const name = displayed(claims["name"]) ?? displayed(claims["preferred_username"]);
  return {
    person: {
      tid,
      oid,
      user_type: userTypeOf(claims) ?? "unknown",
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      email_verified: email !== undefined && isTrue(claims["xms_edov"]),
      ...groupsOf(claims),
    },
    authentication: authenticationOf(claims),
  };
}

/** Passed on as Microsoft said it, or left out: never made up. */
function authenticationOf({ auth_time: time, amr }: Readonly<Record<string, unknown>>): Authentication {
  const seconds = typeof time === "string" && /^\d{1,12}$/.test(time) ? Number(time) : time;
  const methods = [amr]
    .flat()
    .filter((one): one is string => typeof one === "string" && /^[\w-]{1,32}$/.test(one));
  return {
    ...(Number.isSafeInteger(seconds) && (seconds as number) > 0 ? { auth_time: seconds as number } : {}),
    ...(methods.length > 0 ? { amr: methods } : {}),
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
function groupsOf(claims: Readonly<Record<string, unknown>>): Pick<Identity, "groups" | "groups_overage"> {
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
