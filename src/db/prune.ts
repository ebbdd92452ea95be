import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";

export interface Pruned {
  readonly operations: number;
  readonly clicks: number;
  readonly events: number;
}

const batch = 1000;
/** Before every row that there is. */
const never = new Date(0);

/**
 * Deletes operations and clicks that ended before a moment, and events that were told before one (undefined: none). What
 * a clean-up, a connection or a webhook still needs stays. A second call finds nothing left.
 * @throws {DatabaseError} for a moment of the last 30 days: the database refuses it
 */
export async function pruneEnded(
  database: Database,
  {
    endedBefore = never,
    toldBefore = never,
  }: { endedBefore?: Date | undefined; toldBefore?: Date | undefined },
): Promise<Pruned> {
  const sum = { operations: 0, clicks: 0, events: 0 };
  for (;;) {
    const [row] = await database.run((q) =>
      q.execute(
        sql`select * from prune_ended(${endedBefore.toISOString()}::timestamptz, ${toldBefore.toISOString()}::timestamptz, ${batch}::int)`,
      ),
    );
    const counts = (["operations", "clicks", "events"] as const).map((name) => {
      const count = Number(row?.[name] ?? 0);
      sum[name] += count;
      return count;
    });
    if (Math.max(...counts) < batch) return sum;
  }
}
