import { and, eq, inArray, lt, sql } from "drizzle-orm";
import type { Actor } from "../../domain/actor.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { OrgId, ProjectId, SetupLinkId } from "../../domain/ids.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import type { Queries } from "../queries.ts";
import { setupLinks } from "../schema.ts";
import { endClick } from "./end-click.ts";
import { lockLink, lockOpenClick } from "./find-link.ts";

/**
 * Ends a link, and the click that is open through it. The same call again changes nothing.
 * @throws {CodedError} not_found, setup_link_confirmed: what it led to is a connection now
 */
export async function revokeSetupLink(database: Database, id: SetupLinkId, actor: Actor): Promise<void> {
  await database.transaction((q) => revoke(q, id, actor));
}

/**
 * Ends the open links of a person who is no owner or admin any more, as a session says that is younger than the link.
 * Returns how many.
 */
export async function revokeLinksOf(
  database: Database,
  person: { readonly projectId: ProjectId; readonly orgId: OrgId; readonly userId: string },
  seenAt: Date,
): Promise<number> {
  return database.transaction(async (q) => {
    const rows = await q
      .select({ id: setupLinks.id })
      .from(setupLinks)
      .where(
        and(
          eq(setupLinks.orgId, person.orgId),
          eq(setupLinks.projectId, person.projectId),
          eq(setupLinks.createdBy, person.userId),
          inArray(setupLinks.status, ["open"]),
          lt(setupLinks.createdAt, seenAt),
        ),
      )
      .orderBy(setupLinks.id)
      // One that is confirmed at this moment is waited for, and is none of them then.
      .for("update");
    for (const { id } of rows) await revoke(q, id as SetupLinkId, "system");
    return rows.length;
  });
}

async function revoke(q: Queries, id: SetupLinkId, actor: Actor): Promise<void> {
  const link = await lockLink(q, id);
  if (!link) throw new CodedError("not_found");
  if (link.status === "revoked") return;
  if (link.status === "confirmed") throw new CodedError("setup_link_confirmed");
  const click = await lockOpenClick(q, id);
  if (click) await endClick(q, click, { status: "refused", code: "setup_link_revoked", actor });
  await q
    .update(setupLinks)
    .set({ status: "revoked", endedAt: sql`now()` })
    .where(eq(setupLinks.id, id));
  await appendAuditEvent(q, { actor, action: "setup_link_revoked", setupLink: link });
}
