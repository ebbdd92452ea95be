import { and, eq, inArray, isNotNull, or, sql } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import type { AppObjectId, EntraTenantId, ProvisionRequestId } from "../../domain/ids.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests, ssoConnections } from "../schema.ts";

const recentDays = 30;

/** Tenants with a connection, or with a request of the last 30 days. */
export async function listRecentTenants(database: Database): Promise<EntraTenantId[]> {
  const [connected, requested] = await database.run((q) =>
    Promise.all([
      q.select({ tenant: ssoConnections.entraTenantId }).from(ssoConnections),
      q
        .select({ tenant: provisionRequests.entraTenantId })
        .from(provisionRequests)
        .where(
          and(
            isNotNull(provisionRequests.entraTenantId),
            sql`${provisionRequests.createdAt} > now() - make_interval(days => ${recentDays})`,
          ),
        ),
    ]),
  );
  return [...new Set([...connected, ...requested].map(({ tenant }) => tenant as EntraTenantId))];
}

/** Object ids that a connection names, or that an unfinished request still works on or undoes. */
export async function listNamedApplications(
  database: Database,
  entraTenantId: EntraTenantId,
): Promise<ReadonlySet<string>> {
  const [connected, working] = await database.run((q) =>
    Promise.all([
      q
        .select({ id: ssoConnections.appObjectId })
        .from(ssoConnections)
        .where(eq(ssoConnections.entraTenantId, entraTenantId)),
      q
        .select({ id: provisionRequests.appObjectId })
        .from(provisionRequests)
        .where(
          and(
            eq(provisionRequests.entraTenantId, entraTenantId),
            or(
              inArray(provisionRequests.status, ["proved", "provisioning"]),
              eq(provisionRequests.cleanup, "pending"),
            ),
          ),
        ),
    ]),
  );
  return new Set([...connected, ...working].flatMap(({ id }) => (id === null ? [] : [id])));
}

/** Marks of requests that may yet claim an application they created: the sweep leaves those alone. */
export async function listUnfinishedIds(
  database: Database,
  entraTenantId: EntraTenantId,
): Promise<ReadonlySet<string>> {
  const rows = await database.run((q) =>
    q
      .select({ id: provisionRequests.id })
      .from(provisionRequests)
      .where(
        and(
          eq(provisionRequests.entraTenantId, entraTenantId),
          or(
            inArray(provisionRequests.status, ["proved", "provisioning"]),
            eq(provisionRequests.cleanup, "pending"),
          ),
        ),
      ),
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * A person vouches that nothing is left of a failed request: `needs_operator → done`. Repeat: no change.
 * @throws {CodedError} not_found
 */
export async function acknowledgeCleanup(
  database: Database,
  id: ProvisionRequestId,
  operator: { name: string; reason: string },
): Promise<boolean> {
  return database.transaction(async (q) => {
    const rows = await q.select().from(provisionRequests).where(eq(provisionRequests.id, id)).for("update");
    const request = rows[0] && toRequest(rows[0]);
    if (!request) throw new CodedError("not_found");
    if (request.cleanup !== "needs_operator") return false;
    await q.update(provisionRequests).set({ cleanup: "done" }).where(eq(provisionRequests.id, id));
    await appendAuditEvent(q, {
      actor: `operator:${operator.name}`,
      action: "cleanup_acknowledged",
      request,
      detail: { reason: operator.reason },
    });
    return true;
  });
}

/** Records that an operator deleted an application that no row named. */
export async function recordSwept(
  database: Database,
  swept: { appObjectId: AppObjectId; entraTenantId: EntraTenantId; requestId: string | undefined },
  operator: { name: string; reason: string },
): Promise<void> {
  await database.transaction(async (q) => {
    const rows =
      swept.requestId === undefined
        ? []
        : await q.select().from(provisionRequests).where(eq(provisionRequests.id, swept.requestId));
    const request = rows[0] && toRequest(rows[0]);
    await appendAuditEvent(q, {
      actor: `operator:${operator.name}`,
      action: "swept",
      request: {
        id: swept.requestId ?? "none",
        projectId: request?.projectId ?? ("none" as never),
        orgId: request?.orgId ?? ("none" as never),
        generation: request?.generation ?? 0,
      },
      detail: {
        application: swept.appObjectId,
        tenant: swept.entraTenantId,
        reason: operator.reason,
      },
    });
  });
}
