import { and, asc, inArray } from "drizzle-orm";
import type { ConnectionId } from "../domain/ids.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { statusActions, statusAfter, type StatusChange } from "../domain/status-change.ts";
import type { Database } from "./client.ts";
import { toConnection } from "./rows.ts";
import { auditEvents, ssoConnections } from "./schema.ts";

/** Connections as they are, and what the trail says of their statuses, oldest first. */
export async function readStatusTrail(
  database: Database,
  ids: readonly ConnectionId[],
): Promise<{ readonly connections: SsoConnection[]; readonly changes: StatusChange[] }> {
  return database.run(async (q) => {
    const { id, at, action, connectionId, detail } = auditEvents;
    const connections = await q
      .select()
      .from(ssoConnections)
      .where(inArray(ssoConnections.id, [...ids]));
    const rows = await q
      .select({ id, at, action, connectionId, detail })
      .from(auditEvents)
      .where(and(inArray(connectionId, [...ids]), inArray(action, [...statusActions])))
      .orderBy(asc(at), asc(id));
    const changes = rows.flatMap((row) => {
      const status = statusAfter(row.action, row.detail as { kind?: unknown });
      if (status === undefined) return [];
      return [{ auditId: row.id, at: row.at, connectionId: row.connectionId as ConnectionId, status }];
    });
    return { connections: connections.map(toConnection), changes };
  });
}
