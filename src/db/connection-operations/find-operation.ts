import { and, desc, eq, inArray, isNotNull } from "drizzle-orm";
import type { ConnectionOperation, AccessChoice } from "../../domain/connection-operation.ts";
import type { ConnectionId, OperationId, ProvisionRequestId } from "../../domain/ids.ts";
import type { Database } from "../client.ts";
import { toOperation } from "../rows.ts";
import { connectionOperations } from "../schema.ts";

export async function findOperation(
  database: Database,
  id: OperationId,
): Promise<ConnectionOperation | undefined> {
  const rows = await database.run((q) =>
    q.select().from(connectionOperations).where(eq(connectionOperations.id, id)),
  );
  return rows[0] && toOperation(rows[0]);
}

/** What a click led to; undefined for one that ended before, or is not there yet. */
export async function findOperationOf(
  database: Database,
  requestId: ProvisionRequestId,
): Promise<ConnectionOperation | undefined> {
  const rows = await database.run((q) =>
    q.select().from(connectionOperations).where(eq(connectionOperations.requestId, requestId)),
  );
  return rows[0] && toOperation(rows[0]);
}

/** Whom the customer last chose to admit to a connection, the run in hand included; undefined where nobody chose. */
export async function lastAccess(
  database: Database,
  connectionId: ConnectionId,
): Promise<AccessChoice | undefined> {
  const [newest] = await database.run((q) =>
    q
      .select({ access: connectionOperations.access })
      .from(connectionOperations)
      .where(
        and(
          eq(connectionOperations.connectionId, connectionId),
          inArray(connectionOperations.status, ["running", "succeeded"]),
          isNotNull(connectionOperations.access),
        ),
      )
      .orderBy(desc(connectionOperations.createdAt))
      .limit(1),
  );
  return (newest?.access as AccessChoice | null | undefined) ?? undefined;
}
