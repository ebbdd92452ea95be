import { and, eq, inArray, sql } from "drizzle-orm";
import { CodedError } from "../domain/coded-error.ts";
import type { AccessChoice, ConnectionOperation, FencedRun } from "../domain/connection-operation.ts";
import type { ConnectionId } from "../domain/ids.ts";
import { liveStatuses, type SsoConnection } from "../domain/sso-connection.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { mendAccess } from "./connection-health.ts";
import { lockGeneration, updateCurrent } from "./connection-operations/fence.ts";
import { findInHand } from "./connection-operations/in-hand.ts";
import { insertOperation } from "./connection-operations/insert-operation.ts";
import {
  changeLocked,
  type ConnectionChange,
  type ConnectionOrder,
  lockConnectionAndWork,
  reasonIn,
} from "./connection-status.ts";
import { ssoConnections } from "./schema.ts";

/**
 * Writes the operation that changes who may sign in, and in the same transaction what is changed at once beside it. Also
 * where the row says the choice already: Microsoft may have another one. A second call with the same choice while it is
 * in hand finds it.
 * @throws {CodedError} not_found, connection_disconnected, operation_in_progress; then nothing is changed
 */
export async function beginAccessChange(
  database: Database,
  id: ConnectionId,
  wish: { readonly access: AccessChoice; readonly change: ConnectionChange },
  by: ConnectionOrder,
): Promise<{ readonly connection: SsoConnection; readonly operation: ConnectionOperation }> {
  return database.transaction(async (q) => {
    const { connection: before, inHand } = await lockConnectionAndWork(q, id, by.owner);
    const connection = await changeLocked(q, before, wish.change, by);
    if (inHand?.kind === "change_access" && inHand.access === wish.access)
      return { connection, operation: inHand };
    if (inHand || (await findInHand(q, connection))) throw new CodedError("operation_in_progress");
    const operation = await insertOperation(q, connection, "change_access", { ...by, access: wish.access });
    const detail = { access: wish.access, ...reasonIn(by) };
    await appendAuditEvent(q, { actor: by.actor, action: "access_change_started", operation, detail });
    return { connection, operation };
  });
}

/**
 * One transaction: `running → succeeded`, and the connection says what Microsoft has. Repeat: the recorded outcome.
 * @throws {CodedError} run_not_current, connection_disconnected
 */
export async function completeAccessChange(database: Database, run: FencedRun): Promise<ConnectionOperation> {
  return database.transaction(async (q) => {
    const locked = await lockGeneration(q, run);
    if (locked?.status === "succeeded") return locked;
    const operation = await updateCurrent(q, run, { status: "succeeded", completedAt: sql`now()` });
    const { access, connectionId, kind } = operation;
    if (access === null) throw new CodedError("internal", "a change of access without a choice");
    const rows = await q
      .update(ssoConnections)
      .set({ access, accessErrorCode: null, updatedAt: sql`now()` })
      .where(and(eq(ssoConnections.id, connectionId), inArray(ssoConnections.status, [...liveStatuses])))
      .returning({ id: ssoConnections.id });
    if (!rows[0]) throw new CodedError("connection_disconnected");
    await mendAccess(q, { ...operation, id: connectionId });
    await appendAuditEvent(q, {
      actor: "system",
      action: "succeeded",
      operation,
      detail: { connection: connectionId, kind, access },
    });
    return operation;
  });
}
