import { and, eq, inArray, or, sql } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import { type CleanupState, inHandStatuses } from "../../domain/connection-operation.ts";
import type { AppObjectId, EntraTenantId, OperationId } from "../../domain/ids.ts";
import { type MarkOwner, markOwnerOf } from "../../domain/marks.ts";
import { liveStatuses } from "../../domain/sso-connection.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { tellClick } from "../provision-requests/tell-click.ts";
import { toOperation } from "../rows.ts";
import { connectionOperations, ssoConnections } from "../schema.ts";

const recentDays = 30;

/** Tenants with a connection, or with an operation of the last 30 days; not those that our app was removed from. */
export async function listRecentTenants(database: Database): Promise<EntraTenantId[]> {
  const [connected, operated] = await database.run((q) =>
    Promise.all([
      q
        .select({ tenant: ssoConnections.entraTenantId, releasedAt: ssoConnections.accessReleasedAt })
        .from(ssoConnections),
      q
        .select({ tenant: connectionOperations.entraTenantId })
        .from(connectionOperations)
        .where(sql`${connectionOperations.createdAt} > now() - make_interval(days => ${recentDays})`),
    ]),
  );
  const isReleased = ({ releasedAt }: { readonly releasedAt: Date | null }) => releasedAt !== null;
  const tenantsOf = (rows: readonly { readonly tenant: string }[]) =>
    rows.map(({ tenant }) => tenant as EntraTenantId);
  const reachable = new Set(tenantsOf(connected.filter((one) => !isReleased(one))));
  const released = new Set(tenantsOf(connected.filter(isReleased)));
  return [...new Set([...reachable, ...tenantsOf(operated)])].filter(
    (tenant) => reachable.has(tenant) || !released.has(tenant),
  );
}

/** Worked on, or being undone. */
const isUnfinishedIn = (entraTenantId: EntraTenantId) =>
  and(
    eq(connectionOperations.entraTenantId, entraTenantId),
    or(
      inArray(connectionOperations.status, [...inHandStatuses]),
      eq(connectionOperations.cleanup, "pending"),
    ),
  );

/** Object ids that a live connection names, or that an unfinished operation still works on or undoes. */
export async function listNamedApplications(
  database: Database,
  entraTenantId: EntraTenantId,
): Promise<ReadonlySet<string>> {
  const [connected, working] = await database.run((q) =>
    Promise.all([
      q
        .select({ id: ssoConnections.appObjectId })
        .from(ssoConnections)
        .where(
          and(
            eq(ssoConnections.entraTenantId, entraTenantId),
            inArray(ssoConnections.status, [...liveStatuses]),
          ),
        ),
      q
        .select({ id: connectionOperations.appObjectId })
        .from(connectionOperations)
        .where(isUnfinishedIn(entraTenantId)),
    ]),
  );
  return new Set([...connected, ...working].flatMap(({ id }) => (id === null ? [] : [id])));
}

/** Owners of marks that may yet claim an application they created: the sweep leaves those alone. */
export async function listUnfinishedOwners(
  database: Database,
  entraTenantId: EntraTenantId,
): Promise<ReadonlySet<string>> {
  const rows = await database.run((q) =>
    q.select().from(connectionOperations).where(isUnfinishedIn(entraTenantId)),
  );
  return new Set(rows.map((row) => markOwnerOf(toOperation(row))));
}

/**
 * A person vouches that nothing is left of a failed operation: `needs_operator → done`. Repeat: no change.
 * @throws {CodedError} not_found
 */
export async function acknowledgeCleanup(
  database: Database,
  owner: MarkOwner,
  operator: { name: string; reason: string },
): Promise<boolean> {
  return database.transaction(async (q) => {
    const rows = await q.select().from(connectionOperations).where(bearsMarkOf(owner)).for("update");
    const found = rows[0] && toOperation(rows[0]);
    if (!found) throw new CodedError("not_found");
    if (found.cleanup !== "needs_operator") return false;
    const cleanup = "done" satisfies CleanupState;
    await q.update(connectionOperations).set({ cleanup }).where(eq(connectionOperations.id, found.id));
    const operation = { ...found, cleanup } as const;
    await tellClick(q, operation);
    await appendAuditEvent(q, {
      actor: `operator:${operator.name}`,
      action: "cleanup_acknowledged",
      operation,
      detail: { reason: operator.reason },
    });
    return true;
  });
}

/** Records that an operator deleted an application that no row named. */
export async function recordSwept(
  database: Database,
  swept: { appObjectId: AppObjectId; entraTenantId: EntraTenantId; owner: MarkOwner | undefined },
  operator: { name: string; reason: string },
): Promise<void> {
  const { owner, appObjectId, entraTenantId } = swept;
  await database.transaction(async (q) => {
    const rows =
      owner === undefined ? [] : await q.select().from(connectionOperations).where(bearsMarkOf(owner));
    const about = rows[0]
      ? { operation: toOperation(rows[0]) }
      : // A restored database may know nothing of it.
        { request: { id: (owner ?? "none") as never, projectId: "none" as never, orgId: "none" as never } };
    await appendAuditEvent(q, {
      ...about,
      actor: `operator:${operator.name}`,
      action: "swept",
      detail: { application: appObjectId, tenant: entraTenantId, reason: operator.reason },
    });
  });
}

const bearsMarkOf = (owner: MarkOwner) =>
  or(eq(connectionOperations.requestId, owner), eq(connectionOperations.id, owner as OperationId));
