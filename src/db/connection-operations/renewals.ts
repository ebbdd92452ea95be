import { and, eq, inArray, isNull, like, lte, sql } from "drizzle-orm";
import type { ConnectionOperation } from "../../domain/connection-operation.ts";
import { liveStatuses, renewalDueAt, type SsoConnection } from "../../domain/sso-connection.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { newOperationId } from "../new-id.ts";
import { toConnection, toOperation } from "../rows.ts";
import { connectionOperations, ssoConnections } from "../schema.ts";
import { findInHand, holdKey } from "./in-hand.ts";

/** The longest lead: nothing that ends later than this can be due. */
const horizonDays = 61;
const retryAfterDays = 1;

/** Live, in a directory that, as far as we know, has our app: nothing can be renewed in one that it was removed from. */
const isRenewable = and(
  inArray(ssoConnections.status, [...liveStatuses]),
  isNull(ssoConnections.accessReleasedAt),
);

/** Connections of this sso origin whose secret is to be renewed now; one that failed waits a day. Soonest end first. */
export async function listDueRenewals(
  database: Database,
  { ssoOrigin, limit }: { ssoOrigin: string; limit: number },
): Promise<SsoConnection[]> {
  const rows = await database.run((q) =>
    q
      .select()
      .from(ssoConnections)
      .where(
        and(
          isRenewable,
          lte(ssoConnections.secretExpiresAt, sql`now() + make_interval(days => ${horizonDays})`),
          like(ssoConnections.redirectUri, `${ssoOrigin.replaceAll(/[%_\\]/g, "\\$&")}/%`),
          sql`coalesce(${ssoConnections.renewalAttemptedAt} < now() - make_interval(days => ${retryAfterDays}), true)`,
        ),
      )
      .orderBy(ssoConnections.secretExpiresAt)
      .limit(limit),
  );
  return rows.map(toConnection).filter((connection) => renewalDueAt(connection) <= new Date());
}

/**
 * Writes a renewal that waits, which the reconciler starts. Undefined while something else is in hand for the same
 * organization and tenant, and for a connection that is not live or within our reach any more.
 */
export async function issueRenewal(
  database: Database,
  connection: SsoConnection,
  ssoOrigin: string,
): Promise<ConnectionOperation | undefined> {
  const { projectId, orgId, entraTenantId, id: connectionId } = connection;
  return database.transaction(async (q) => {
    await holdKey(q, { orgId, entraTenantId });
    if (await findInHand(q, { orgId, entraTenantId })) return undefined;
    // It may have been disconnected or released since it was listed.
    const live = await q
      .update(ssoConnections)
      .set({ renewalAttemptedAt: sql`now()` })
      .where(and(eq(ssoConnections.id, connectionId), isRenewable))
      .returning({ id: ssoConnections.id });
    if (live.length === 0) return undefined;
    const rows = await q
      .insert(connectionOperations)
      .values({
        id: newOperationId(),
        kind: "renew",
        ssoOrigin,
        projectId,
        orgId,
        requestedBy: "system",
        connectionId,
        entraTenantId,
        status: "waiting",
      })
      .returning();
    const operation = toOperation(rows[0] as NonNullable<(typeof rows)[0]>);
    await appendAuditEvent(q, { actor: "system", action: "renewal_started", operation });
    return operation;
  });
}
