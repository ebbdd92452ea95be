import { and, desc, eq } from "drizzle-orm";
import type { ConnectionOperation } from "../../domain/connection-operation.ts";
import type { ConnectionId } from "../../domain/ids.ts";
import type { Queries } from "../queries.ts";
import { toOperation } from "../rows.ts";
import { connectionOperations } from "../schema.ts";

/** The newest operation that disconnects a connection, however it ended. */
export async function lastDisconnect(q: Queries, id: ConnectionId): Promise<ConnectionOperation | undefined> {
  const rows = await q
    .select()
    .from(connectionOperations)
    .where(and(eq(connectionOperations.connectionId, id), eq(connectionOperations.kind, "disconnect")))
    .orderBy(desc(connectionOperations.createdAt))
    .limit(1);
  return rows[0] && toOperation(rows[0]);
}
