import { and, eq, inArray, or, sql } from "drizzle-orm";
import { type ConnectionOperation, inHandStatuses } from "../../domain/connection-operation.ts";
import type { ConnectionId, EntraTenantId, OperationId, OrgId } from "../../domain/ids.ts";
import { kindsThat, type OperationKindFacts } from "../../domain/operation-kinds.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import type { Queries } from "../queries.ts";
import { toOperation } from "../rows.ts";
import { connectionOperations } from "../schema.ts";
import { firstSettle } from "./settle.ts";

/** What one operation at a time is for. */
export interface InHandKey {
  readonly orgId: OrgId;
  readonly entraTenantId: EntraTenantId;
}

const ofKinds = (holds: (facts: OperationKindFacts) => boolean) =>
  inArray(connectionOperations.kind, kindsThat(holds));

const ofKey = (key: InHandKey) =>
  and(
    eq(connectionOperations.entraTenantId, key.entraTenantId),
    inArray(connectionOperations.status, [...inHandStatuses]),
    ofKinds(({ holdsDirectory }) => holdsDirectory),
    or(
      eq(connectionOperations.orgId, key.orgId),
      ofKinds(({ holdsDirectoryOfAll }) => holdsDirectoryOfAll),
    ),
  );

const lockOf = (name: string) => sql`hashtextextended(${`ms-provision:${name}`}, 0)`;

/**
 * Holds an organization and tenant until the transaction ends, so that of two who want to begin something the second
 * finds the first; and the tenant, which organizations share, against whoever wants it for itself.
 */
export async function holdKey(q: Queries, key: InHandKey): Promise<void> {
  await q.execute(
    sql`select pg_advisory_xact_lock_shared(${lockOf(key.entraTenantId)}),
      pg_advisory_xact_lock(${lockOf(`${key.orgId}:${key.entraTenantId}`)})`,
  );
}

/** Holds a tenant against all organizations until the transaction ends. Before its keys, so that nobody waits in a circle. */
export async function holdDirectory(q: Queries, entraTenantId: EntraTenantId): Promise<void> {
  await q.execute(sql`select pg_advisory_xact_lock(${lockOf(entraTenantId)})`);
}

/** What is in hand for an organization and tenant, another organization's release of the tenant included. */
export async function findInHand(q: Queries, key: InHandKey): Promise<ConnectionOperation | undefined> {
  const rows = await q.select().from(connectionOperations).where(ofKey(key));
  return rows[0] && toOperation(rows[0]);
}

/**
 * Ends what gives way to a click: the click repairs the whole connection and brings a new secret too. The fence of what
 * gives way is closed in the click's transaction; what it may have minted is removed with the other strays. Nothing
 * happens where nothing is in hand or it has just ended.
 * @returns what gave way: the click does its work too
 */
export async function giveWay(
  q: Queries,
  key: InHandKey,
  by: OperationId,
): Promise<ConnectionOperation | undefined> {
  const rows = await q
    .update(connectionOperations)
    .set({
      status: "superseded",
      supersededBy: by,
      completedAt: sql`now()`,
      settleDueAt: firstSettle,
    })
    .where(
      and(
        ofKey(key),
        ofKinds(({ givesWayToClick }) => givesWayToClick),
      ),
    )
    .returning();
  for (const row of rows)
    await appendAuditEvent(q, {
      actor: "system",
      action: "superseded",
      operation: toOperation(row),
      detail: { by },
    });
  // One of a key is in hand at a time.
  return rows[0] && toOperation(rows[0]);
}

/**
 * What is in hand for a connection, whatever its kind, held until the transaction ends. Operations are held before
 * their connection: so does a run that ends.
 */
export async function lockInHandOf(
  q: Queries,
  connectionId: ConnectionId,
): Promise<ConnectionOperation | undefined> {
  const rows = await q
    .select()
    .from(connectionOperations)
    .where(
      and(
        eq(connectionOperations.connectionId, connectionId),
        inArray(connectionOperations.status, [...inHandStatuses]),
      ),
    )
    .for("update");
  return rows[0] && toOperation(rows[0]);
}

/** Whether a run of a connection has failed and is still being undone. */
export async function isBeingUndone(q: Queries, connectionId: ConnectionId): Promise<boolean> {
  const rows = await q
    .select({ id: connectionOperations.id })
    .from(connectionOperations)
    .where(
      and(eq(connectionOperations.connectionId, connectionId), eq(connectionOperations.cleanup, "pending")),
    )
    .limit(1);
  return rows.length > 0;
}

/** What is in hand for several connections, by their ids. */
export async function listInHandOf(
  database: Database,
  connectionIds: readonly ConnectionId[],
): Promise<ReadonlyMap<ConnectionId, ConnectionOperation>> {
  if (connectionIds.length === 0) return new Map();
  const rows = await database.run((q) =>
    q
      .select()
      .from(connectionOperations)
      .where(
        and(
          inArray(connectionOperations.connectionId, [...connectionIds]),
          inArray(connectionOperations.status, [...inHandStatuses]),
        ),
      ),
  );
  return new Map(rows.map(toOperation).map((operation) => [operation.connectionId, operation]));
}
