import { CodedError } from "../domain/coded-error.ts";
import type { ConnectionOperation } from "../domain/connection-operation.ts";
import type { ConnectionId } from "../domain/ids.ts";
import { restorableUntil, type SsoConnection } from "../domain/sso-connection.ts";
import { respectOthers } from "../domain/switched-off.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { findInHand, isBeingUndone } from "./connection-operations/in-hand.ts";
import { insertOperation } from "./connection-operations/insert-operation.ts";
import { lockConnectionAndWork, reasonIn, type ReturnOrder } from "./connection-status.ts";
import { wasConnectedAnew } from "./sso-connections.ts";

/**
 * Writes the operation that brings a disconnected connection back. A second call while it is in hand finds it.
 * @throws {CodedError} not_found, not_disconnected, restore_window_over, newer_connection_exists, operation_in_progress,
 *   switched_off_by_owner, switched_off_by_operator, access_released
 */
export async function beginRestore(
  database: Database,
  id: ConnectionId,
  by: ReturnOrder,
): Promise<{ readonly connection: SsoConnection; readonly operation: ConnectionOperation }> {
  return database.transaction(async (q) => {
    const { connection, inHand } = await lockConnectionAndWork(q, id, by.owner);
    if (connection.status !== "disconnected") throw new CodedError("not_disconnected");
    if (await wasConnectedAnew(q, connection)) throw new CodedError("newer_connection_exists");
    if (connection.accessReleasedAt !== null) throw new CodedError("access_released");
    if (restorableUntil(connection) < new Date()) throw new CodedError("restore_window_over");
    if (inHand?.kind === "restore") return { connection, operation: inHand };
    // What is undone takes away again what a restore brings back.
    if (inHand || (await findInHand(q, connection)) || (await isBeingUndone(q, id)))
      throw new CodedError("operation_in_progress");
    const overridden = respectOthers(connection.switchedOffBy, by);
    const operation = await insertOperation(q, connection, "restore", by);
    await appendAuditEvent(q, {
      actor: by.actor,
      action: "restore_started",
      operation,
      detail: { ...reasonIn(by), ...overridden },
    });
    return { connection, operation };
  });
}
