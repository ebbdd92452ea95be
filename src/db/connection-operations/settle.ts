import { and, eq, inArray, or, sql } from "drizzle-orm";
import { type ConnectionOperation, endedStatuses } from "../../domain/connection-operation.ts";
import type { MarkOwner } from "../../domain/marks.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { toOperation } from "../rows.ts";
import { connectionOperations } from "../schema.ts";

/** Strays are looked for at once by the run itself, then after 15 s and 5 min. */
export const firstSettle = sql`now() + interval '15 seconds'`;

/** A claim lapses after this, so that a worker that died leaves the work to the next. */
const claimSeconds = 120;

/** Claims operations whose strays are to be looked for now. Two workers never get the same one. */
export async function claimDueSettles(
  database: Database,
  { ssoOrigin, limit }: { ssoOrigin: string; limit: number },
): Promise<ConnectionOperation[]> {
  const rows = await database.run((q) =>
    q
      .update(connectionOperations)
      .set({ settleDueAt: sql`now() + make_interval(secs => ${claimSeconds})` })
      .where(
        inArray(
          connectionOperations.id,
          q
            .select({ id: connectionOperations.id })
            .from(connectionOperations)
            .where(
              and(
                sql`${connectionOperations.settleDueAt} < now()`,
                inArray(connectionOperations.status, [...endedStatuses]),
                eq(connectionOperations.ssoOrigin, ssoOrigin),
              ),
            )
            .orderBy(connectionOperations.settleDueAt)
            .limit(limit)
            .for("update", { skipLocked: true }),
        ),
      )
      .returning(),
  );
  return rows.map(toOperation);
}

/** Says when to look again (null: never), and records what was removed. */
export async function recordSettle(
  database: Database,
  operation: ConnectionOperation,
  result: { nextAt: Date | null; credentials: number; applications: readonly string[] },
): Promise<void> {
  await database.transaction(async (q) => {
    await q
      .update(connectionOperations)
      .set({ settleDueAt: result.nextAt })
      .where(
        and(
          eq(connectionOperations.id, operation.id),
          eq(connectionOperations.generation, operation.generation),
        ),
      );
    if (result.credentials > 0 || result.applications.length > 0)
      await appendAuditEvent(q, {
        actor: "system",
        action: "settled",
        operation,
        detail: { credentials: result.credentials, applications: result.applications.join(" ") },
      });
  });
}

/** Of the owners of marks, those that are known here and have ended: whatever bears their mark is nobody's any more. */
export async function endedOwners(
  database: Database,
  owners: readonly MarkOwner[],
): Promise<ReadonlySet<string>> {
  if (owners.length === 0) return new Set();
  const rows = await database.run((q) =>
    q
      .select({ id: connectionOperations.id, requestId: connectionOperations.requestId })
      .from(connectionOperations)
      .where(
        and(
          or(
            inArray(connectionOperations.requestId, [...owners]),
            inArray(connectionOperations.id, [...owners]),
          ),
          inArray(connectionOperations.status, [...endedStatuses]),
        ),
      ),
  );
  return new Set(rows.map(({ id, requestId }) => requestId ?? id));
}
