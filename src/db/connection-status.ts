import { and, eq, sql } from "drizzle-orm";
import type { Actor } from "../domain/actor.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ConnectionOperation } from "../domain/connection-operation.ts";
import type { ConnectionId, OrgId, ProjectId } from "../domain/ids.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { addSides, respectOthers, type Side, sideOf } from "../domain/switched-off.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { holdKey, type InHandKey, lockInHandOf } from "./connection-operations/in-hand.ts";
import type { Queries } from "./queries.ts";
import { revokeSessions } from "./revoked-sessions.ts";
import { toConnection } from "./rows.ts";
import { ssoConnections } from "./schema.ts";

/** An access token's life, and a minute for clocks that differ. */
export const sessionSeconds = 16 * 60;

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

/** Who orders something to be done to a connection, at which sso origin; an operator says why. */
export interface ConnectionOrder {
  readonly actor: Actor;
  readonly owner?: ConnectionOwner;
  readonly reason?: string;
  readonly ssoOrigin: string;
}

/** Who switches a connection off; `sides`: whose decisions those are, where they are not the actor's own. */
export interface SwitchOffOrder {
  readonly actor: Actor;
  readonly reason?: string;
  readonly sides?: readonly Side[] | undefined;
}

/** The same, of one who brings a connection back. */
export interface ReturnOrder extends ConnectionOrder {
  /** An operator brings back what an owner switched off. */
  readonly overridesOwner?: boolean | undefined;
}

/**
 * One transaction that waits for no operation: the change, the epoch where the status changes (which ends sign-ins under
 * way and tokens that were given), and an audit event for each. What is so already changes nothing and is not recorded, but for
 * a second side that wants it switched off.
 * @throws {CodedError} not_found, connection_disconnected, switched_off_by_owner, switched_off_by_operator
 */
export async function changeConnection(
  database: Database,
  id: ConnectionId,
  change: ConnectionChange,
  by: Omit<ReturnOrder, "ssoOrigin"> & SwitchOffOrder,
): Promise<SsoConnection> {
  return database.transaction(async (q) =>
    changeLocked(q, await lockConnection(q, id, by.owner), change, by),
  );
}

/**
 * The same, of a connection that is held.
 * @throws {CodedError} connection_disconnected, switched_off_by_owner, switched_off_by_operator
 */
export async function changeLocked(
  q: Queries,
  found: SsoConnection,
  change: ConnectionChange,
  by: Pick<ReturnOrder, "overridesOwner"> & SwitchOffOrder,
): Promise<SsoConnection> {
  const { id, status } = found;
  if (status === "disconnected") throw new CodedError("connection_disconnected");
  const turns = change.status !== undefined && change.status !== status;
  const before = change.status === "suspended" && !turns ? await keepOff(q, found, by) : found;
  const overridden = turns && change.status === "active" ? respectOthers(before.switchedOffBy, by) : {};
  const isRenamed = change.displayName !== undefined && change.displayName !== before.displayName;
  if (!turns && !isRenamed) return before;
  const updated = await q
    .update(ssoConnections)
    .set({
      ...(turns
        ? {
            status: change.status,
            switchedOffBy: change.status === "active" ? [] : switchedOffBy(before, by),
            epoch: sql`${ssoConnections.epoch} + 1`,
          }
        : {}),
      ...(isRenamed ? { displayName: change.displayName } : {}),
      updatedAt: sql`now()`,
    })
    .where(eq(ssoConnections.id, id))
    .returning();
  const connection = toConnection(updated[0] as NonNullable<(typeof updated)[0]>);
  const told = { actor: by.actor, connection, detail: reasonIn(by) };
  if (turns)
    await appendAuditEvent(q, {
      ...told,
      action: change.status === "suspended" ? "suspended" : "resumed",
      detail: { ...told.detail, ...overridden, ...sidesIn(by) },
    });
  if (turns && change.status === "suspended")
    await revokeSessions(q, before, {
      actor: by.actor,
      reason: "suspended",
      lifetimeSeconds: sessionSeconds,
    });
  if (isRenamed) await appendAuditEvent(q, { ...told, action: "renamed" });
  return connection;
}

/** Switched off already: from here on `by` wants it so too, and the other side alone does not bring it back. */
export async function keepOff(q: Queries, before: SsoConnection, by: SwitchOffOrder): Promise<SsoConnection> {
  const sides = switchedOffBy(before, by);
  if (sides.length === before.switchedOffBy.length) return before;
  const rows = await q
    .update(ssoConnections)
    .set({ switchedOffBy: sides })
    .where(eq(ssoConnections.id, before.id))
    .returning();
  const connection = toConnection(rows[0] as NonNullable<(typeof rows)[0]>);
  const detail = { status: before.status, ...reasonIn(by), ...sidesIn(by) };
  await appendAuditEvent(q, { actor: by.actor, action: "kept_off", connection, detail });
  return connection;
}

/** Everybody who wants a connection switched off, once `by` has done so. */
export function switchedOffBy(before: Pick<SsoConnection, "switchedOffBy">, by: SwitchOffOrder): Side[] {
  return addSides(before.switchedOffBy, by.sides ?? [sideOf(by.actor)]);
}

/** What the trail keeps of whose decisions they were. */
export function sidesIn({ sides }: SwitchOffOrder): { readonly decided_by?: readonly Side[] } {
  return sides === undefined ? {} : { decided_by: sides };
}

/** What the trail keeps of an operator's reason, which owners are not shown. */
export function reasonIn({ reason }: { readonly reason?: string }): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

/** The row, held until the transaction ends. @throws {CodedError} not_found also where it is another owner's */
export async function lockConnection(
  q: Queries,
  id: ConnectionId,
  owner: ConnectionOwner | undefined,
): Promise<SsoConnection> {
  const rows = await q.select().from(ssoConnections).where(isOwned(id, owner)).for("update");
  if (!rows[0]) throw new CodedError("not_found");
  return toConnection(rows[0]);
}

/**
 * The row, with what is in hand for it and nothing else that could begin, all held until the transaction ends: in the
 * order in which whatever begins and ends holds them, so that nobody waits in a circle.
 * @throws {CodedError} not_found
 */
export async function lockConnectionAndWork(
  q: Queries,
  id: ConnectionId,
  owner: ConnectionOwner | undefined,
): Promise<{ readonly connection: SsoConnection; readonly inHand: ConnectionOperation | undefined }> {
  const { orgId, entraTenantId } = ssoConnections;
  const [key] = await q.select({ orgId, entraTenantId }).from(ssoConnections).where(isOwned(id, owner));
  if (!key) throw new CodedError("not_found");
  await holdKey(q, key as InHandKey);
  const inHand = await lockInHandOf(q, id);
  return { connection: await lockConnection(q, id, owner), inHand };
}

const isOwned = (id: ConnectionId, owner: ConnectionOwner | undefined) =>
  and(
    eq(ssoConnections.id, id),
    owner && eq(ssoConnections.projectId, owner.projectId),
    owner && eq(ssoConnections.orgId, owner.orgId),
  );
