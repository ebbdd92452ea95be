import { and, count, eq, gt, sql } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import { openSetupLinksMax, type SetupLink } from "../../domain/setup-link.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { newSetupLinkId } from "../new-id.ts";
import { toSetupLink } from "../rows.ts";
import { setupLinks } from "../schema.ts";

export type NewSetupLink = Pick<
  SetupLink,
  | "ssoOrigin"
  | "projectId"
  | "orgId"
  | "orgName"
  | "createdBy"
  | "requester"
  | "returnUrl"
  | "successUrl"
  | "domain"
  | "access"
  | "wantedConnectionId"
  | "additional"
> & { readonly contactEmails: string[]; readonly tokenHash: string };

/**
 * Writes an open link, good for so many minutes by the database's clock. Not idempotent: each call is a link.
 * @throws {CodedError} too_many_setup_links
 */
export async function createSetupLink(
  database: Database,
  link: NewSetupLink,
  lifetimeMinutes: number,
): Promise<SetupLink> {
  return database.transaction(async (q) => {
    await q.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`ms-setup-links:${link.orgId}`}, 0))`,
    );
    const [found] = await q
      .select({ open: count() })
      .from(setupLinks)
      .where(
        and(
          eq(setupLinks.orgId, link.orgId),
          eq(setupLinks.status, "open"),
          gt(setupLinks.expiresAt, sql`now()`),
        ),
      );
    if ((found?.open ?? 0) >= openSetupLinksMax) throw new CodedError("too_many_setup_links");
    const rows = await q
      .insert(setupLinks)
      .values({
        ...link,
        id: newSetupLinkId(),
        expiresAt: sql`now() + make_interval(mins => ${lifetimeMinutes})`,
      })
      .returning();
    const made = toSetupLink(rows[0] as NonNullable<(typeof rows)[0]>);
    await appendAuditEvent(q, {
      actor: `user:${link.createdBy}`,
      action: "setup_link_created",
      setupLink: made,
      detail: { expires_at: made.expiresAt.toISOString() },
    });
    return made;
  });
}
