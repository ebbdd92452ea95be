import { sql } from "drizzle-orm";
import type { AuditRow } from "../domain/audit-entry.ts";
import { appendAuditEvent } from "./audit-events.ts";
import { readAuditProtection } from "./audit-protection.ts";
import { readAudit } from "./audit-trail.ts";
import type { Database } from "./client.ts";
import type { Queries } from "./queries.ts";

/** A month of the audit trail, from `start` to before `end` (UTC). */
export interface AuditPartition {
  readonly name: string;
  readonly start: Date;
  readonly end: Date;
}

const pageSize = 5000;
const lockTimeout = "5s";

/** This month's partition and those of the next three. A second call makes none. @returns how many were made */
export async function makePartitionsAhead(database: Database): Promise<number> {
  const [row] = await database.run((q) => q.execute(sql`select audit_partitions_ahead() as made`));
  return Number(row?.["made"]);
}

/**
 * The months that end at `before` or earlier, or all, oldest first. What lies in the default partition is none of them.
 */
export async function listPartitions(database: Database, before?: Date): Promise<AuditPartition[]> {
  const rows = await database.run((q) =>
    q.execute(sql`
      select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
      where inhparent = to_regclass('audit_events') and relname ~ '^audit_events_[0-9]{4}_[0-9]{2}$'
      order by relname`),
  );
  return rows
    .map((row) => partitionOf(String(row["name"])))
    .filter(({ end }) => before === undefined || end.getTime() <= before.getTime());
}

function partitionOf(name: string): AuditPartition {
  const [year = 0, month = 0] = name.split("_").slice(-2).map(Number);
  return { name, start: new Date(Date.UTC(year, month - 1)), end: new Date(Date.UTC(year, month)) };
}

/** Every row of a month, oldest id first. */
export async function* readPartition(
  database: Database,
  { start, end }: AuditPartition,
): AsyncGenerator<AuditRow, void> {
  for (let after: number | undefined = undefined; ;) {
    const page: AuditRow[] = await readAudit(
      database,
      { from: start, to: end },
      { order: "oldest", after, limit: pageSize },
    );
    yield* page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.id;
  }
}

/** Whether the feed of events still tells of a month; what is dropped would be missing in it. */
export async function isStillTold(database: Database, { name }: AuditPartition): Promise<boolean> {
  const [row] = await database.run((q) =>
    q.execute(
      sql`select exists (select from ${sql.identifier(name)} as old join events on audit_id = old.id) as told`,
    ),
  );
  return row?.["told"] === true;
}

/** Whether the trail's table is the caller's own, who alone may drop of it. */
export async function ownsAudit(database: Database): Promise<boolean> {
  return (await database.run(readAuditProtection)) === "owned";
}

/**
 * Drops months and notes it in the trail, in one transaction. Nothing is dropped where a month has not as many rows as
 * were looked at.
 * @returns whether they are gone
 */
export async function dropPartitions(
  database: Database,
  looked: readonly { readonly partition: AuditPartition; readonly rows: number }[],
  by: { readonly actor: `operator:${string}`; readonly reason: string },
): Promise<boolean> {
  return database.transaction(async (q) => {
    await q.execute(sql`select set_config('lock_timeout', ${lockTimeout}, true)`);
    for (const { partition, rows } of looked) {
      const table = sql.identifier(partition.name);
      await q.execute(sql`lock table ${table} in access exclusive mode`);
      if ((await countOf(q, partition)) !== rows) return false;
      await q.execute(sql`drop table ${table}`);
    }
    const [first, last] = [looked[0], looked.at(-1)];
    const detail = {
      reason: by.reason,
      from: first?.partition.start.toISOString() ?? null,
      to: last?.partition.end.toISOString() ?? null,
      rows: looked.reduce((sum, { rows }) => sum + rows, 0),
    };
    await appendAuditEvent(q, { actor: by.actor, action: "audit_pruned", installation: true, detail });
    return true;
  });
}

async function countOf(q: Queries, { name }: AuditPartition): Promise<number> {
  const [row] = await q.execute(sql`select count(*)::int as rows from ${sql.identifier(name)}`);
  return Number(row?.["rows"]);
}
