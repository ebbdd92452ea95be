import type { Context } from "hono";
import { findSetupLink, type LinkAndClick } from "../../db/setup-links/find-link.ts";
import { revokeLinksOf } from "../../db/setup-links/revoke-link.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { setupLinkIdSchema } from "../../domain/ids.schema.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { requireChosenOrg, requireRights } from "../session/require-session.ts";
import type { OrgSession } from "../session/session.ts";
import { requireOwn } from "../session/require-own.ts";

/**
 * The session of an owner or admin, for the organization that it has chosen.
 * @throws {CodedError} what `requireOrgSession` throws; setup_links_off
 */
export async function requirePortalSession(c: Context<AppEnv>, deps: ApiDeps): Promise<OrgSession> {
  const session = await requireChosenOrg(c, deps);
  await noteLostRole(deps, session);
  requireRights(c, session, "admin");
  if (!deps.config.setupLinks) throw new CodedError("setup_links_off");
  return session;
}

/** A person whose session says that they are no owner or admin any more leaves no link behind. */
export async function noteLostRole({ config, database, log }: ApiDeps, session: OrgSession): Promise<void> {
  const { isAdmin, issuedAt, orgId } = session;
  if (!config.setupLinks || isAdmin || issuedAt === null) return;
  const revoked = await revokeLinksOf(database, session, issuedAt);
  if (revoked > 0) log.info("setup links of a former admin revoked", { org_id: orgId, links: revoked });
}

/** @throws {CodedError} not_found */
export async function requireLinkOf(
  { database }: ApiDeps,
  session: OrgSession,
  given: string | undefined,
): Promise<LinkAndClick> {
  const id = setupLinkIdSchema.safeParse(given);
  const found = id.success ? await findSetupLink(database, id.data) : undefined;
  if (!found) throw new CodedError("not_found");
  requireOwn(session, found.link);
  return found;
}
