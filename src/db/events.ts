import { and, asc, eq, gt, inArray, notExists, sql } from "drizzle-orm";
import type { AuditAction } from "../domain/audit-action.ts";
import { type AuditDetail, type EventName, eventNameOf, toldActions } from "../domain/events.ts";
import type { Database } from "./client.ts";
import { auditEvents, events } from "./schema.ts";

/** A row of the audit trail that others are told of. */
export interface EventRow {
  readonly position: number;
  readonly name: EventName;
  readonly actor: string;
  readonly projectId: string;
  readonly orgId: string;
  readonly requestId: string | null;
  readonly connectionId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

const batchMax = 500;
/** No transaction lives so long: what is older than that before the last row that was placed cannot still appear. */
const lookBack = sql`interval '1 hour'`;

/**
 * Gives every committed audit row that is an event its place in the feed. One caller at a time, and the place is seen
 * only once it is committed: so a row that commits late comes late, and no reader's cursor ever passes one that is still
 * to come. The worker calls it every half minute, the feed before it is read. A second call finds nothing left.
 */
export async function placeEvents(database: Database): Promise<number> {
  return database.transaction(async (q) => {
    await q.execute(sql`select pg_advisory_xact_lock(hashtextextended('authio-events', 0))`);
    const placed = q.select({ id: events.auditId }).from(events).where(eq(events.auditId, auditEvents.id));
    const found = await q
      .select({ id: auditEvents.id, action: auditEvents.action, detail: auditEvents.detail })
      .from(auditEvents)
      .where(
        and(
          inArray(auditEvents.action, [...toldActions]),
          sql`${auditEvents.at} > coalesce(
            (select last.at from audit_events as last
              where last.id = (select audit_id from events order by position desc limit 1)) - ${lookBack},
            '-infinity')`,
          notExists(placed),
        ),
      )
      .orderBy(asc(auditEvents.id))
      .limit(batchMax);
    const named = found.flatMap(({ id, action, detail }) => {
      const name = eventNameOf(action as AuditAction, detail as AuditDetail);
      return name === undefined ? [] : [{ auditId: id, name }];
    });
    if (named.length > 0) await q.insert(events).values(named);
    return named.length;
  });
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
      .select({
        position: events.position,
        name: events.name,
        actor: auditEvents.actor,
        projectId: auditEvents.projectId,
        orgId: auditEvents.orgId,
        requestId: auditEvents.requestId,
        connectionId: auditEvents.connectionId,
        detail: auditEvents.detail,
        at: auditEvents.at,
      })
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
