import { and, eq, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { ConnectionId } from "../domain/ids.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { toConnection } from "./rows.ts";
import { dailySignIns, ssoConnections } from "./schema.ts";

/** Notes that somebody signed in: one more today (UTC), and when, to the minute. */
export async function recordSignIn(database: Database, id: ConnectionId): Promise<void> {
  const last = ssoConnections.lastSignInAt;
  await database.run((q) =>
    q
      .insert(dailySignIns)
      .values({ connectionId: id, day: sql`(now() at time zone 'utc')::date`, count: 1 })
      .onConflictDoUpdate({
        target: [dailySignIns.connectionId, dailySignIns.day],
        set: { count: sql`${dailySignIns.count} + 1` },
      }),
  );
  await database.run((q) =>
    q
      .update(ssoConnections)
      .set({ lastSignInAt: sql`now()` })
      .where(and(eq(ssoConnections.id, id), or(isNull(last), lt(last, sql`now() - interval '1 minute'`)))),
  );
}

/** How many signed in within the last days, today included, by connection; nothing for one that nobody used. */
export async function countSignIns(
  database: Database,
  ids: readonly ConnectionId[],
  days: number,
): Promise<ReadonlyMap<ConnectionId, number>> {
  if (ids.length === 0) return new Map();
  const rows = await database.run((q) =>
    q
      .select({ id: dailySignIns.connectionId, count: sql`sum(${dailySignIns.count})`.mapWith(Number) })
      .from(dailySignIns)
      .where(
        and(
          inArray(dailySignIns.connectionId, [...ids]),
          sql`${dailySignIns.day} > (now() at time zone 'utc')::date - ${days}::int`,
        ),
      )
      .groupBy(dailySignIns.connectionId),
  );
  return new Map(rows.map(({ id, count }) => [id as ConnectionId, count]));
}

const batchMax = 500;
/** A note that was begun before midnight is written by then. */
const settled = sql`(now() at time zone 'utc' - interval '1 hour')::date`;

/**
 * Writes the counts of days that are over into the audit trail, once each; what the trail holds is forgotten here after
 * a while. Several callers at once do not tell twice.
 */
export async function tellSignIns(database: Database): Promise<number> {
  return database.transaction(async (q) => {
    const due = await q
      .select({ day: dailySignIns.day, count: dailySignIns.count, connection: ssoConnections })
      .from(dailySignIns)
      .innerJoin(ssoConnections, eq(ssoConnections.id, dailySignIns.connectionId))
      .where(and(sql`not ${dailySignIns.isTold}`, sql`${dailySignIns.day} < ${settled}`))
      .orderBy(dailySignIns.day, dailySignIns.connectionId)
      .limit(batchMax)
      .for("update", { of: dailySignIns, skipLocked: true });
    for (const { day, count, connection } of due) {
      await q
        .update(dailySignIns)
        .set({ isTold: true })
        .where(and(eq(dailySignIns.connectionId, connection.id), eq(dailySignIns.day, day)));
      await appendAuditEvent(q, {
        actor: "system",
        action: "sign_ins_counted",
        connection: toConnection(connection),
        detail: { day, sign_ins: count },
      });
    }
    await q.execute(
      sql`delete from ${dailySignIns} where ${dailySignIns.isTold} and ${dailySignIns.day} < ${settled} - 60`,
    );
    return due.length;
  });
}
