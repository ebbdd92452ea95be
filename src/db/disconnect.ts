import { eq, sql } from "drizzle-orm";
import type { ConnectionOperation, FencedRun } from "../domain/connection-operation.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import type { Queries } from "./queries.ts";
import { failLocked } from "./connection-operations/end-run.ts";
import { lockGeneration, updateCurrent } from "./connection-operations/fence.ts";
import { insertOperation } from "./connection-operations/insert-operation.ts";
import { lastDisconnect } from "./connection-operations/last-disconnect.ts";
import {
  type ConnectionOrder,
  keepOff,
  lockConnectionAndWork,
  reasonIn,
  sessionSeconds,
  sidesIn,
  switchedOffBy,
  type SwitchOffOrder,
} from "./connection-status.ts";
import { revokeSessions } from "./revoked-sessions.ts";
import { toConnection } from "./rows.ts";
import { ssoConnections } from "./schema.ts";

/** A connection that signs nobody in any more, what removes it at Microsoft, and what had to stop for it. */
export interface BegunDisconnect {
  readonly connection: SsoConnection;
  readonly operation: ConnectionOperation;
  readonly stopped: ConnectionOperation | undefined;
}

/** `at`: when it was disconnected, where that was before now. */
type DisconnectOrder = ConnectionOrder & SwitchOffOrder & { readonly at?: Date };

/**
 * One transaction that waits for nothing: the row is `disconnected` and has no secret, its epoch ends sign-ins under way
 * and tokens that were given, the fence of what is in hand for it closes, and the operation that removes application and
 * credentials waits to be run. A second call finds the operation of the first, unless that was stopped, or a restore is
 * bringing the connection back: then it is disconnected again.
 * @throws {CodedError} not_found
 */
export async function beginDisconnect(
  database: Database,
  id: ConnectionId,
  by: DisconnectOrder,
): Promise<BegunDisconnect> {
  return database.transaction(async (q) => {
    const { connection: before, inHand } = await lockConnectionAndWork(q, id, by.owner);
    if (before.status === "disconnected" && inHand?.kind !== "restore") {
      const first = await lastDisconnect(q, id);
      if (first && first.status !== "failed")
        return { connection: await keepOff(q, before, by), operation: first, stopped: undefined };
    }
    const stopped =
      inHand &&
      (await failLocked(q, inHand, {
        code: "connection_disconnected",
        stopped: { actor: by.actor, reason: "disconnected" },
      }));
    const connection = await (before.status === "disconnected" ? keepOff : switchOff)(q, before, by);
    return { connection, operation: await insertOperation(q, connection, "disconnect", by), stopped };
  });
}

async function switchOff(q: Queries, before: SsoConnection, by: DisconnectOrder): Promise<SsoConnection> {
  const rows = await q
    .update(ssoConnections)
    .set({
      status: "disconnected",
      switchedOffBy: switchedOffBy(before, by),
      disconnectedAt: by.at ?? sql`now()`,
      sealedSecret: null,
      epoch: sql`${ssoConnections.epoch} + 1`,
      updatedAt: sql`now()`,
    })
    .where(eq(ssoConnections.id, before.id))
    .returning();
  const connection = toConnection(rows[0] as NonNullable<(typeof rows)[0]>);
  await appendAuditEvent(q, {
    actor: by.actor,
    action: "disconnected",
    connection,
    detail: { ...reasonIn(by), ...sidesIn(by) },
  });
  await revokeSessions(q, before, {
    actor: by.actor,
    reason: "disconnected",
    lifetimeSeconds: sessionSeconds,
  });
  return connection;
}

/**
 * `running → succeeded`. `isRemoved` false: Microsoft did not let us, and a person finds the application in the list of
 * what is left. Repeat: the recorded outcome.
 */
export async function completeDisconnect(
  database: Database,
  run: FencedRun,
  { isRemoved }: { readonly isRemoved: boolean },
): Promise<ConnectionOperation> {
  return database.transaction(async (q) => {
    const locked = await lockGeneration(q, run);
    if (locked?.status === "succeeded") return locked;
    const operation = await updateCurrent(q, run, {
      status: "succeeded",
      completedAt: sql`now()`,
      cleanup: isRemoved ? "done" : "needs_operator",
    });
    await appendAuditEvent(q, {
      actor: "system",
      action: "succeeded",
      operation,
      detail: { connection: operation.connectionId, kind: operation.kind, removed: isRemoved },
    });
    return operation;
  });
}
