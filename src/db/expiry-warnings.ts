import { and, eq, inArray, isNotNull, notExists, or, sql } from "drizzle-orm";
import { liveStatuses } from "../domain/sso-connection.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { toConnection } from "./rows.ts";
import { auditEvents, ssoConnections } from "./schema.ts";

const batchMax = 500;
/** The smallest of 60, 30, 7 and 1 days that are left at most. */
const daysLeft = sql`case
  when ${ssoConnections.secretExpiresAt} <= now() + interval '1 day' then 1
  when ${ssoConnections.secretExpiresAt} <= now() + interval '7 days' then 7
  when ${ssoConnections.secretExpiresAt} <= now() + interval '30 days' then 30
  when ${ssoConnections.secretExpiresAt} <= now() + interval '60 days' then 60 end`;

/**
 * Writes a warning for each live connection whose secret ends soon and whose renewal has failed, or is not tried as our
 * access was released: once for each of the four days and each secret. One whose renewal works is nobody's business.
 */
export async function warnOfExpiry(database: Database): Promise<number> {
  return database.transaction(async (q) => {
    await q.execute(sql`select pg_advisory_xact_lock(hashtextextended('authio-expiry-warnings', 0))`);
    const warned = q
      .select({ id: auditEvents.id })
      .from(auditEvents)
      .where(
        and(
          eq(auditEvents.connectionId, ssoConnections.id),
          eq(auditEvents.action, "secret_expiring"),
          sql`${auditEvents.detail} ->> 'secret' = ${ssoConnections.secretKeyId}`,
          sql`(${auditEvents.detail} ->> 'days')::int <= ${daysLeft}`,
        ),
      );
    const due = await q
      .select({ connection: ssoConnections, days: sql<number>`${daysLeft}` })
      .from(ssoConnections)
      .where(
        and(
          inArray(ssoConnections.status, [...liveStatuses]),
          or(isNotNull(ssoConnections.renewalErrorCode), isNotNull(ssoConnections.accessReleasedAt)),
          sql`${daysLeft} is not null`,
          notExists(warned),
        ),
      )
      .limit(batchMax);
    for (const { connection, days } of due)
      await appendAuditEvent(q, {
        actor: "system",
        action: "secret_expiring",
        connection: toConnection(connection),
        detail: { days, secret: connection.secretKeyId, code: whyOf(connection) },
      });
    return due.length;
  });
}

const whyOf = ({
  accessReleasedAt,
  renewalErrorCode,
}: Pick<typeof ssoConnections.$inferSelect, "accessReleasedAt" | "renewalErrorCode">) =>
  accessReleasedAt === null ? renewalErrorCode : "access_released";
