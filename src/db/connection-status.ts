import { and, eq, sql } from "drizzle-orm";
import { CodedError } from "../domain/coded-error.ts";
import type { ConnectionId, OrgId, ProjectId } from "../domain/ids.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { type Actor, appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { toConnection } from "./rows.ts";
import { ssoConnections } from "./schema.ts";

/** What its owners may change about a connection at once. */
export interface ConnectionChange {
  readonly status?: "active" | "suspended" | undefined;
  /** Null: the provider's name again. */
  readonly displayName?: string | null | undefined;
}

/** Whose connection; an operator's call names nobody. */
export interface ConnectionOwner {
  readonly projectId: ProjectId;
  readonly orgId: OrgId;
}

/**
 * One transaction that waits for no operation: the change, the epoch where the status changes (which ends sign-ins under
 * way and tokens that were given), and an audit event for each. What is so already changes nothing and is not recorded.
 * @throws {CodedError} not_found, connection_disconnected
 */
export async function changeConnection(
  database: Database,
  id: ConnectionId,
  change: ConnectionChange,
  by: { readonly actor: Actor; readonly owner?: ConnectionOwner; readonly reason?: string },
): Promise<SsoConnection> {
  return database.transaction(async (q) => {
    const { owner } = by;
    const whose = owner && [
      eq(ssoConnections.projectId, owner.projectId),
      eq(ssoConnections.orgId, owner.orgId),
    ];
    const rows = await q
      .select()
      .from(ssoConnections)
      .where(and(eq(ssoConnections.id, id), ...(whose ?? [])))
      .for("update");
    const before = rows[0] && toConnection(rows[0]);
    if (!before) throw new CodedError("not_found");
    if (before.status === "disconnected") throw new CodedError("connection_disconnected");
    const turns = change.status !== undefined && change.status !== before.status;
    const isRenamed = change.displayName !== undefined && change.displayName !== before.displayName;
    if (!turns && !isRenamed) return before;
    const updated = await q
      .update(ssoConnections)
      .set({
        ...(turns ? { status: change.status, epoch: sql`${ssoConnections.epoch} + 1` } : {}),
        ...(isRenamed ? { displayName: change.displayName } : {}),
        updatedAt: sql`now()`,
      })
      .where(eq(ssoConnections.id, id))
      .returning();
    const connection = toConnection(updated[0] as NonNullable<(typeof updated)[0]>);
    const told = {
      actor: by.actor,
      connection,
      detail: by.reason === undefined ? {} : { reason: by.reason },
    };
    if (turns)
      await appendAuditEvent(q, { ...told, action: change.status === "suspended" ? "suspended" : "resumed" });
    if (isRenamed) await appendAuditEvent(q, { ...told, action: "renamed" });
    return connection;
  });
}
