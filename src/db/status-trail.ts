import { and, asc, inArray } from "drizzle-orm";
import type { Actor } from "../domain/actor.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { decidedBy, statusActions, statusAfter, type StatusChange } from "../domain/status-change.ts";
import type { Database } from "./client.ts";
import { toConnection } from "./rows.ts";
import { auditEvents, ssoConnections } from "./schema.ts";

/** Connections as they are, and what the trail says of their statuses, oldest first. */
export async function readStatusTrail(
  database: Database,
  ids: readonly ConnectionId[],
): Promise<{ readonly connections: SsoConnection[]; readonly changes: StatusChange[] }> {
  return database.run(async (q) => {
    const { id, at, actor, action, connectionId, detail } = auditEvents;
    const connections = await q
      .select()
      .from(ssoConnections)
      .where(inArray(ssoConnections.id, [...ids]));
    const rows = await q
      .select({ id, at, actor, action, connectionId, detail })
      .from(auditEvents)
      .where(and(inArray(connectionId, [...ids]), inArray(action, [...statusActions])))
      .orderBy(asc(at), asc(id));
    const changes = rows.flatMap((row) => {
      const said = row.detail as { kind?: unknown; status?: unknown; decided_by?: unknown };
      const status = statusAfter(row.action, said);
      if (status === undefined) return [];
      const by = decidedBy(row.actor as Actor, said);
      return [{ auditId: row.id, at: row.at, connectionId: row.connectionId as ConnectionId, status, by }];
    });
    return { connections: connections.map(toConnection), changes };
  });
}
