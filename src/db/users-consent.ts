import { and, desc, eq, isNull, notExists, sql } from "drizzle-orm";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { toRequest } from "./rows.ts";
import { auditEvents, provisionRequests, ssoConnections } from "./schema.ts";

/**
 * Notes that users get through: somebody signed in who did not connect the directory, so was no administrator that we
 * know of. An administrator's own success would say nothing about the others. Repeat: keeps the first time.
 */
export async function recordUsersConsent(
  database: Database,
  connection: Pick<SsoConnection, "id" | "appId" | "orgId">,
  objectId: string,
): Promise<void> {
  await database.transaction(async (q) => {
    const approvedBy = q
      .select({ id: auditEvents.id })
      .from(auditEvents)
      .innerJoin(provisionRequests, eq(provisionRequests.id, auditEvents.requestId))
      .where(
        and(
          eq(provisionRequests.orgId, connection.orgId),
          eq(auditEvents.action, "proved"),
          sql`${auditEvents.detail} ->> 'administrator' = ${objectId}`,
        ),
      );
    const noted = await q
      .update(ssoConnections)
      .set({ usersConsentedAt: sql`now()` })
      .where(
        and(
          eq(ssoConnections.id, connection.id),
          eq(ssoConnections.appId, connection.appId),
          isNull(ssoConnections.usersConsentedAt),
          notExists(approvedBy),
        ),
      )
      .returning({ id: ssoConnections.id });
    if (noted.length === 0) return;
    const latest = await q
      .select()
      .from(provisionRequests)
      .where(eq(provisionRequests.connectionId, connection.id))
      .orderBy(desc(provisionRequests.createdAt))
      .limit(1);
    if (latest[0])
      await appendAuditEvent(q, {
        actor: "browser",
        action: "users_consented",
        request: toRequest(latest[0]),
        detail: { user: objectId },
      });
  });
}
