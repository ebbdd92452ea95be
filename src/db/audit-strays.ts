import { and, count, gte, lt, min } from "drizzle-orm";
import { type AuditPartition, listPartitions } from "./audit-partitions.ts";
import type { Database } from "./client.ts";
import { auditEvents } from "./schema.ts";

/** Rows of the audit trail whose month has no partition: they lie in the default one. */
export interface AuditStrays {
  readonly rows: number;
  /** Of the oldest; null where there is none. */
  readonly since: Date | null;
}

/** Looks between the months that there are, which the default partition alone holds, so other months are not read. */
export async function readAuditStrays(database: Database): Promise<AuditStrays> {
  const found: AuditStrays[] = [];
  for (const { from, to } of gapsOf(await listPartitions(database))) {
    const [row] = await database.run((q) =>
      q
        .select({ rows: count(), since: min(auditEvents.at) })
        .from(auditEvents)
        .where(and(from && gte(auditEvents.at, from), to && lt(auditEvents.at, to))),
    );
    if (row) found.push(row);
  }
  const [since = null] = found
    .flatMap((one) => one.since ?? [])
    .toSorted((a, b) => a.getTime() - b.getTime());
  return { rows: found.reduce((sum, { rows }) => sum + rows, 0), since };
}

interface Gap {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
}

function gapsOf(months: readonly AuditPartition[]): Gap[] {
  const starts = [...months.map(({ start }) => start), undefined];
  const ends = [undefined, ...months.map(({ end }) => end)];
  return starts
    .map((to, at) => ({ from: ends[at], to }))
    .filter(({ from, to }) => !from || !to || from.getTime() < to.getTime());
}
