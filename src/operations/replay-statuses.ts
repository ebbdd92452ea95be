import { changeConnection } from "../db/connection-status.ts";
import { beginDisconnect } from "../db/disconnect.ts";
import { readStatusTrail } from "../db/status-trail.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { type ReplayOutcome, replayOutcome, sidesAfter, type StatusChange } from "../domain/status-change.ts";
import type { Side } from "../domain/switched-off.ts";
import type { OperationsContext } from "./context.ts";

const batchSize = 500;

/** A connection of which the trail knows more than the database. */
export interface Replayed {
  readonly said: StatusChange;
  /** Undefined: the database does not know it. */
  readonly connection: SsoConnection | undefined;
  readonly outcome: ReplayOutcome;
}

/** Who has it done, and at which sso origin; without one nothing is changed. */
interface ReplayOrder {
  readonly operator: string;
  readonly reason: string;
  readonly ssoOrigin: string;
}

/**
 * After the database was restored from a backup: what was suspended or disconnected since is so again, with a raised
 * epoch, and what is at Microsoft of a disconnected one is removed again by a run that the workers start. Nothing is made
 * active, and whose decision it was stays so. Meant to run before the services start. A second call finds nothing left to set.
 * @param changes of an export of the audit trail, in any order; those that the database knows count for nothing
 */
export async function* replayStatuses({
  ctx,
  input,
}: {
  ctx: Pick<OperationsContext, "database">;
  input: { readonly changes: readonly StatusChange[]; readonly order: ReplayOrder | undefined };
}): AsyncGenerator<Replayed, void> {
  const told = new Map<ConnectionId, StatusChange[]>();
  for (const change of input.changes.toSorted(byTime))
    told.set(change.connectionId, [...(told.get(change.connectionId) ?? []), change]);
  const ids = [...told.keys()];
  for (let start = 0; start < ids.length; start += batchSize) {
    const batch = ids.slice(start, start + batchSize);
    const { connections, changes } = await readStatusTrail(ctx.database, batch);
    for (const id of batch) {
      const known = changes.filter(({ connectionId }) => connectionId === id);
      const lost = (told.get(id) ?? []).filter((one) => !known.some((other) => isSame(one, other)));
      const said = lost.at(-1);
      if (!said) continue;
      const connection = connections.find((one) => one.id === id);
      const here = connection && { ...connection, changedAt: known.at(-1)?.at };
      const outcome = replayOutcome(lost, here);
      if (outcome === "set" && input.order && connection)
        await set(ctx, said, { ...input.order, sides: sidesAfter(connection.switchedOffBy, lost) });
      yield { said, connection, outcome };
    }
  }
}

const byTime = (one: StatusChange, other: StatusChange): number =>
  one.at.getTime() - other.at.getTime() || one.auditId - other.auditId;

/** Ids alone do not tell: the restored database gives those that it lost again. */
const isSame = (one: StatusChange, other: StatusChange): boolean =>
  one.auditId === other.auditId && one.at.getTime() === other.at.getTime();

async function set(
  { database }: Pick<OperationsContext, "database">,
  { connectionId, status, at }: StatusChange,
  { operator, reason, ssoOrigin, sides }: ReplayOrder & { readonly sides: readonly Side[] },
): Promise<void> {
  const by = { actor: `operator:${operator}`, reason, sides } as const;
  if (status === "disconnected") await beginDisconnect(database, connectionId, { ...by, ssoOrigin, at });
  else await changeConnection(database, connectionId, { status }, by);
}
