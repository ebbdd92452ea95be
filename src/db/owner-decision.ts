import { and, desc, eq } from "drizzle-orm";
import { userIdOf, type Actor } from "../domain/actor.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { lastDisconnect } from "./connection-operations/last-disconnect.ts";
import type { Queries } from "./queries.ts";
import { auditEvents } from "./schema.ts";

/** Who wants to bring a connection back. */
interface WhoReturns {
  readonly actor: Actor;
  /** An operator says that it is to be brought back although an owner switched it off. */
  readonly overridesOwner?: boolean | undefined;
}

/**
 * What an owner switched off, no operator switches on again unasked.
 * @returns what the trail keeps of it
 * @throws {CodedError} switched_off_by_owner
 */
export async function respectOwner(
  q: Queries,
  connection: SsoConnection,
  { actor, overridesOwner = false }: WhoReturns,
): Promise<{ readonly overrides_owner?: true }> {
  const isOwner = userIdOf(actor) !== undefined;
  if (isOwner || !(await isSwitchedOffByOwner(q, connection))) return {};
  if (!overridesOwner) throw new CodedError("switched_off_by_owner");
  return { overrides_owner: true };
}

async function isSwitchedOffByOwner(q: Queries, { id, status }: SsoConnection): Promise<boolean> {
  if (status === "active") return false;
  if (status === "disconnected") {
    const operation = await lastDisconnect(q, id);
    return operation !== undefined && userIdOf(operation.requestedBy) !== undefined;
  }
  const [row] = await q
    .select({ actor: auditEvents.actor })
    .from(auditEvents)
    .where(and(eq(auditEvents.connectionId, id), eq(auditEvents.action, "suspended")))
    .orderBy(desc(auditEvents.id))
    .limit(1);
  return row !== undefined && userIdOf(row.actor as Actor) !== undefined;
}
