import { and, desc, inArray, sql } from "drizzle-orm";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { FailureCount } from "../domain/sign-in-failures.ts";
import type { Database } from "./client.ts";
import { dailySignInFailures } from "./schema.ts";

const today = sql`(now() at time zone 'utc')::date`;
const keptDays = 60;

/** Counts a sign-in that was refused today (UTC). A second call counts another. */
export async function recordSignInFailure(
  database: Database,
  id: ConnectionId,
  code: ErrorCode,
): Promise<void> {
  const { connectionId, day, count } = dailySignInFailures;
  await database.run((q) =>
    q
      .insert(dailySignInFailures)
      .values({ connectionId: id, day: today, code, count: 1, lastAt: sql`now()` })
      .onConflictDoUpdate({
        target: [connectionId, day, dailySignInFailures.code],
        set: { count: sql`${count} + 1`, lastAt: sql`now()` },
      }),
  );
}

/** Of the last days, today included, newest first, by connection; nothing for one without failures. */
export async function listSignInFailures(
  database: Database,
  ids: readonly ConnectionId[],
  days: number,
): Promise<ReadonlyMap<ConnectionId, readonly FailureCount[]>> {
  if (ids.length === 0) return new Map();
  const { connectionId, day, count, lastAt } = dailySignInFailures;
  const rows = await database.run((q) =>
    q
      .select()
      .from(dailySignInFailures)
      .where(and(inArray(connectionId, [...ids]), sql`${day} > ${today} - ${days}::int`))
      .orderBy(desc(day), desc(count), desc(lastAt)),
  );
  const found = new Map<ConnectionId, FailureCount[]>();
  for (const row of rows) {
    const id = row.connectionId as ConnectionId;
    found.set(id, [...(found.get(id) ?? []), { ...row, code: row.code as ErrorCode }]);
  }
  return found;
}

/** Forgets what is older than anybody is shown. A second call finds nothing left. */
export async function forgetSignInFailures(database: Database): Promise<void> {
  await database.run((q) =>
    q.delete(dailySignInFailures).where(sql`${dailySignInFailures.day} < ${today} - ${keptDays}::int`),
  );
}
