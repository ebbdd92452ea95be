import { and, eq, inArray, lte, sql, like } from "drizzle-orm";
import { randomBytes } from "node:crypto";
import type { EntraTenantId, OrgId, ProvisionRequestId } from "../../domain/ids.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { liveStatuses, renewalDueAt, type SsoConnection } from "../../domain/sso-connection.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database, Queries } from "../client.ts";
import { newProvisionRequestId } from "../new-id.ts";
import { toConnection, toRequest } from "../rows.ts";
import { provisionRequests, ssoConnections } from "../schema.ts";

/** The longest lead: nothing that ends later than this can be due. */
const horizonDays = 61;
const retryAfterDays = 1;

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
          inArray(ssoConnections.status, [...liveStatuses]),
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
 * Ends the renewal that is in hand for an organization and tenant: a click repairs the whole connection and brings a
 * new secret too, so the renewal gives way, whatever holds it up. Its fence is closed in the click's transaction; what
 * it may have minted is removed with the other strays. Nothing happens where none is in hand or it has just ended.
 */
export async function supersedeRenewal(
  q: Queries,
  key: { orgId: OrgId; entraTenantId: EntraTenantId },
  by: ProvisionRequestId,
): Promise<void> {
  const rows = await q
    .update(provisionRequests)
    .set({
      status: "superseded",
      joinedRequestId: by,
      completedAt: sql`now()`,
      settleDueAt: sql`now() + interval '15 seconds'`,
    })
    .where(
      and(
        eq(provisionRequests.orgId, key.orgId),
        eq(provisionRequests.entraTenantId, key.entraTenantId),
        eq(provisionRequests.kind, "renewal"),
        inArray(provisionRequests.status, ["proved", "provisioning"]),
      ),
    )
    .returning();
  for (const row of rows)
    await appendAuditEvent(q, {
      actor: "system",
      action: "superseded",
      request: toRequest(row),
      detail: { by },
    });
}

/**
 * Writes a proved renewal request, which the reconciler starts. Undefined while an attempt for the same organization
 * and tenant is in hand: that one renews the secret too.
 */
export async function issueRenewal(
  database: Database,
  connection: SsoConnection,
  ssoOrigin: string,
): Promise<ProvisionRequest | undefined> {
  return database.transaction(async (q) => {
    const key = and(
      eq(provisionRequests.orgId, connection.orgId),
      eq(provisionRequests.entraTenantId, connection.entraTenantId),
      inArray(provisionRequests.status, ["proved", "provisioning"]),
    );
    await q.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`ms-provision:${connection.orgId}:${connection.entraTenantId}`}, 0))`,
    );
    const [inHand] = await q.select({ id: provisionRequests.id }).from(provisionRequests).where(key);
    if (inHand) return undefined;
    await q
      .update(ssoConnections)
      .set({ renewalAttemptedAt: sql`now()` })
      .where(eq(ssoConnections.id, connection.id));
    const rows = await q
      .insert(provisionRequests)
      .values({
        id: newProvisionRequestId(),
        kind: "renewal",
        ssoOrigin,
        projectId: connection.projectId,
        orgId: connection.orgId,
        startedBy: "system",
        // Nobody holds a state for it.
        binding: "confirm",
        stateHash: randomBytes(32).toString("hex"),
        status: "proved",
        entraTenantId: connection.entraTenantId,
        connectionId: connection.id,
        provedAt: sql`now()`,
        expiresAt: sql`now()`,
      })
      .returning();
    const request = toRequest(rows[0] as NonNullable<(typeof rows)[0]>);
    await appendAuditEvent(q, { actor: "system", action: "renewal_started", request });
    return request;
  });
}
