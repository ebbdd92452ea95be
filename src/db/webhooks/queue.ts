import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import type { Queries } from "../queries.ts";
import { auditEvents, events, webhookDeliveries, webhookEndpoints } from "../schema.ts";

/** A connection's deliveries wait for each other; so do those of a click that came to none. */
const lane = sql`coalesce(${auditEvents.connectionId}, ${auditEvents.requestId})`;
const isWanted = sql`(${webhookEndpoints.events} is null or ${events.name} = any(${webhookEndpoints.events}))`;

/** Writes what is to be sent of events at these places, to each endpoint that is on and wants them. */
export async function queueDeliveries(q: Queries, positions: readonly number[]): Promise<void> {
  await q.execute(sql`
    insert into ${webhookDeliveries} (endpoint_id, kind, position, lane)
    select ${webhookEndpoints.id}, 'event', ${events.position}, ${lane}
    from ${events} join ${auditEvents} on ${auditEvents.id} = ${events.auditId}
      join ${webhookEndpoints} on ${webhookEndpoints.status} = 'on' and ${isWanted}
    where ${events.position} in ${[...positions]}
    order by ${events.position}`);
}

/** Writes a test delivery, in a lane of its own: what waits does not hold it up. Gives its id. */
export async function queueTest(database: Database, endpointId: string): Promise<number> {
  const [row] = await database.run((q) =>
    q
      .insert(webhookDeliveries)
      .values({ endpointId, kind: "test", lane: "test" })
      .returning({ id: webhookDeliveries.id }),
  );
  return (row as { id: number }).id;
}

/** What to send again: one delivery, or all events of a time that the endpoint wants. */
export type ReplayWish = { readonly deliveryId: number } | { readonly from: Date; readonly to: Date };

/** Sends again, behind what waits: in the order of the feed. Gives how many. A second call sends once more. */
export async function queueReplay(database: Database, endpointId: string, wish: ReplayWish): Promise<number> {
  const which =
    "deliveryId" in wish
      ? sql`${events.position} = (select position from ${webhookDeliveries}
          where id = ${wish.deliveryId} and endpoint_id = ${endpointId})`
      : sql`${isWanted} and ${auditEvents.at} >= ${wish.from.toISOString()} and ${auditEvents.at} < ${wish.to.toISOString()}`;
  return database.transaction(async (q) => {
    const rows = await q.execute(sql`
      insert into ${webhookDeliveries} (endpoint_id, kind, position, lane)
      select ${webhookEndpoints.id}, 'replay', ${events.position}, ${lane}
      from ${events} join ${auditEvents} on ${auditEvents.id} = ${events.auditId}
        join ${webhookEndpoints} on ${webhookEndpoints.id} = ${endpointId}
      where ${which}
      order by ${events.position}
      limit ${replayMax}
      returning id`);
    return rows.length;
  });
}

/** Events of one call; the rest by another, from the time of the last one. */
const replayMax = 10_000;
