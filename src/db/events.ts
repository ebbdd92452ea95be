import { and, asc, desc, eq, gt, inArray, notExists, sql } from "drizzle-orm";
import type { AuditAction } from "../domain/audit-action.ts";
import type { EventRow } from "../domain/event-view.ts";
import { type AuditDetail, type EventName, eventNameOf, toldActions } from "../domain/events.ts";
import type { Database } from "./client.ts";
import type { Queries } from "./queries.ts";
import { auditEvents, events } from "./schema.ts";
import { queueDeliveries } from "./webhooks/queue.ts";

/** What `EventRow` is made of: events joined with their audit rows. */
export const eventColumns = {
  position: events.position,
  name: events.name,
  actor: auditEvents.actor,
  projectId: auditEvents.projectId,
  orgId: auditEvents.orgId,
  requestId: auditEvents.requestId,
  connectionId: auditEvents.connectionId,
  detail: auditEvents.detail,
  at: auditEvents.at,
};

const batchMax = 500;
/**
 * No transaction lives so long: what is older than that before the last row that was placed cannot still appear. Before
 * now, where that row was written by a clock that has been set back since.
 */
const lookBack = sql`interval '1 hour'`;

/**
 * Gives every committed audit row that is an event its place in the feed, and writes what webhooks are to be sent of it,
 * in one transaction: what is told is sent. One caller at a time, and the place is seen only once it is committed: so a
 * row that commits late comes late, and no reader's cursor ever passes one that is still to come. The worker calls it
 * every other second, the feed before it is read. A second call finds nothing left.
 */
export async function placeEvents(database: Database): Promise<number> {
  return database.transaction(async (q) => {
    await q.execute(sql`select pg_advisory_xact_lock(hashtextextended('authio-events', 0))`);
    let placed = 0;
    for (let after = 0, batch = batchMax; batch === batchMax;) {
      const found = await unplaced(q, after);
      batch = found.length;
      after = found.at(-1)?.id ?? after;
      const named = found.flatMap(({ id, action, detail }) => {
        const name = eventNameOf(action as AuditAction, detail as AuditDetail);
        return name === undefined ? [] : [{ auditId: id, name }];
      });
      if (named.length === 0) continue;
      const rows = await q.insert(events).values(named).returning({ position: events.position });
      const positions = rows.map(({ position }) => position);
      await queueDeliveries(q, positions);
      placed += rows.length;
    }
    return placed;
  });
}

/** Audit rows that may be events and have no place yet, oldest id first. Those that turn out to be none come again. */
async function unplaced(q: Queries, after: number) {
  const placed = q.select({ id: events.auditId }).from(events).where(eq(events.auditId, auditEvents.id));
  return q
    .select({ id: auditEvents.id, action: auditEvents.action, detail: auditEvents.detail })
    .from(auditEvents)
    .where(
      and(
        gt(auditEvents.id, after),
        inArray(auditEvents.action, [...toldActions]),
        sql`${auditEvents.at} > coalesce(
          (select least(last.at, now()) from audit_events as last
            where last.id = (select audit_id from events order by position desc limit 1)) - ${lookBack},
          '-infinity')`,
        notExists(placed),
      ),
    )
    .orderBy(asc(auditEvents.id))
    .limit(batchMax);
}

/** Events after a place, oldest first. */
export async function listEvents(
  database: Database,
  asked: {
    readonly after: number;
    readonly limit: number;
    readonly name: EventName | undefined;
    readonly orgId: string | undefined;
  },
): Promise<EventRow[]> {
  const rows = await database.run((q) =>
    q
      .select(eventColumns)
      .from(events)
      .innerJoin(auditEvents, eq(auditEvents.id, events.auditId))
      .where(
        and(
          gt(events.position, asked.after),
          asked.name === undefined ? undefined : eq(events.name, asked.name),
          asked.orgId === undefined ? undefined : eq(auditEvents.orgId, asked.orgId),
        ),
      )
      .orderBy(asc(events.position))
      .limit(asked.limit),
  );
  return rows as EventRow[];
}

/** The place of the newest event; 0 where there is none. */
export async function lastPlace(database: Database): Promise<number> {
  const rows = await database.run((q) =>
    q.select({ position: events.position }).from(events).orderBy(desc(events.position)).limit(1),
  );
  return rows[0]?.position ?? 0;
}
