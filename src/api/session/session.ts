import { z } from "zod";
import type { ApiConfig } from "../../config/config.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { opaqueIdSchema, orgIdSchema, projectIdSchema } from "../../domain/ids.schema.ts";
import type { OrgId, ProjectId } from "../../domain/ids.ts";
import { cleanDisplay } from "../../domain/text.ts";
import { createTokenVerifier } from "./session-tokens.ts";

/** Who is calling: a dashboard session of one of our projects, for the organization that it has chosen, if any. */
export interface Session {
  readonly userId: string;
  readonly projectId: ProjectId;
  readonly orgId: OrgId | null;
  /** Its role is one of AUTHIO_SESSION_ADMIN_ROLES; slugs are free, so every other role counts as a member's. */
  readonly isAdmin: boolean;
  /** Somebody else acts in this person's name. */
  readonly isImpersonated: boolean;
  readonly orgName: string | null;
  readonly name: string | null;
  readonly email: string | null;
  /** Null where the token does not say. */
  readonly issuedAt: Date | null;
}

/** A session that is for the organization of the call. */
export type OrgSession = Session & { readonly orgId: OrgId };

/**
 * @throws {CodedError} no_session, widget_token_not_allowed_here, machine_token_not_allowed, or service_unavailable
 * when the keys cannot be fetched
 */
export type SessionVerifier = (token: string) => Promise<Session>;

export const displayUnitsMax = 256;
/** Made for signing people in to applications. */
const handOffKind = "sso";

/** What is for display is cleaned or left out and never refuses a session. */
const displayClaim = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === "string" ? cleanDisplay(value, displayUnitsMax) || null : null));

const whoseSchema = z.object({
  project_id: projectIdSchema,
  kind: z.unknown().optional(),
  token_type: z.unknown().optional(),
  is_impersonation: z.unknown().optional(),
});
const personSchema = z.object({
  sub: opaqueIdSchema,
  org_name: displayClaim,
  name: displayClaim,
  email: displayClaim,
});

/**
 * Verifies session JWTs of the platform. One key serves all its tenants, so a token of a project that is not ours is
 * none, whatever it says; and only the claims that no project can add say for which organization and in which role.
 */
export function createSessionVerifier(session: ApiConfig["session"]): SessionVerifier {
  const { algorithms, issuer, audience } = session;
  const verify = createTokenVerifier(session.jwksUrl, { algorithms: [...algorithms], issuer, audience });
  return async (token) => {
    const claims = await verify(token);
    const whose = whoseSchema.safeParse(claims);
    if (!whose.success || !session.projectIds.includes(whose.data.project_id))
      throw new CodedError("no_session");
    const {
      project_id: projectId,
      kind,
      token_type: tokenType,
      is_impersonation: impersonation,
    } = whose.data;
    if (kind === "widget") throw new CodedError("widget_token_not_allowed_here");
    if (tokenType === "m2m") throw new CodedError("machine_token_not_allowed");
    const person = personSchema.safeParse(claims);
    if (kind === handOffKind || !person.success) throw new CodedError("no_session");
    const { sub: userId, org_name: orgName, name, email } = person.data;
    return {
      userId,
      projectId,
      orgId: orgIdSchema.safeParse(claims[session.orgClaim]).data ?? null,
      isAdmin: [claims[session.roleClaim]].flat().some((role) => session.adminRoles.includes(role as string)),
      isImpersonated: impersonation !== undefined && impersonation !== false && impersonation !== null,
      orgName,
      name,
      email,
      issuedAt: typeof claims.iat === "number" ? new Date(claims.iat * 1000) : null,
    };
  };
}
