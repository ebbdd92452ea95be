import { and, eq, isNotNull, or, sql } from "drizzle-orm";
import type { EventRow } from "../../domain/event-view.ts";
import {
  attemptsMin,
  type AttemptOutcome,
  type DeliveryKind,
  patienceDays,
  type SealedWebhookEndpoint,
} from "../../domain/webhooks.ts";
import type { Database } from "../client.ts";
import type { Queries } from "../queries.ts";
import { eventColumns } from "../events.ts";
import { auditEvents, events, webhookDeliveries, webhookEndpoints } from "../schema.ts";
import { findEndpoint } from "./endpoints.ts";

/** Longer than an attempt takes. */
const claimSeconds = 20;
/** Attempts at one endpoint at a time; fewer while it fails, so that one that hangs holds few places. */
const atOnce = { usual: 5, failing: 2 } as const;
const listMax = 50;
const gone = 410;

/**
 * The first waiting delivery of each lane: what comes later waits for it. Of this installation's endpoints alone. An endpoint that is off gets tests alone, and
 * a success of one switches it on again.
 */
const headsOf = (ssoOrigin: string) => sql`(
  select distinct on (d.endpoint_id, d.lane) d.id, d.endpoint_id, d.due_at, d.claimed_until, e.failing_since
  from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
  where d.status = 'waiting' and e.sso_origin = ${ssoOrigin} and (e.status = 'on' or d.kind = 'test')
  order by d.endpoint_id, d.lane, d.id)`;
const limit = sql`case when failing_since is null then ${atOnce.usual}::int else ${atOnce.failing}::int end`;

/** What of one endpoint may be tried now, longest due first, and when the next is due. */
export async function listDue(
  database: Database,
  { ssoOrigin, endpointId }: { readonly ssoOrigin: string; readonly endpointId: string },
): Promise<{ due: number[]; limit: number; nextInMs: number | null }> {
  const rows = await database.run((q) =>
    q.execute(sql`
      select id, ${limit} as at_once, ceil(greatest(0, extract(epoch from due_at - now()) * 1000)) as in_ms
      from ${headsOf(ssoOrigin)} as head where endpoint_id = ${endpointId} order by due_at, id limit ${listMax}`),
  );
  const found = rows.map((row) => ({ id: Number(row["id"]), inMs: Number(row["in_ms"]) }));
  return {
    due: found.filter(({ inMs }) => inMs === 0).map(({ id }) => id),
    limit: Number(rows[0]?.["at_once"] ?? atOnce.usual),
    nextInMs: found.find(({ inMs }) => inMs > 0)?.inMs ?? null,
  };
}

/** Endpoints with something to be tried now for which there is a free place. */
export async function listEndpointsWithWork(database: Database, ssoOrigin: string): Promise<string[]> {
  const rows = await database.run((q) =>
    q.execute(sql`
      select endpoint_id from ${headsOf(ssoOrigin)} as head group by endpoint_id, failing_since
      having count(*) filter (where claimed_until > now()) < ${limit}
        and bool_or(due_at <= now() and coalesce(claimed_until <= now(), true))`),
  );
  return rows.map((row) => row["endpoint_id"] as string);
}

export interface ClaimedDelivery {
  readonly id: number;
  readonly kind: DeliveryKind;
  readonly endpoint: SealedWebhookEndpoint;
  /** Undefined for a test. */
  readonly event: EventRow | undefined;
  readonly createdAt: Date;
}

/**
 * Takes a delivery for an attempt. Undefined where it has ended or is gone, its endpoint is off, or an earlier one of its
 * lane waits.
 */
export async function claimDelivery(
  database: Database,
  {
    ssoOrigin,
    endpointId,
    deliveryId,
  }: { readonly ssoOrigin: string; readonly endpointId: string; readonly deliveryId: number },
): Promise<ClaimedDelivery | undefined> {
  return database.transaction(async (q) => {
    const endpoint = await findEndpoint(q, endpointId);
    const rows = await q
      .update(webhookDeliveries)
      .set({ claimedUntil: sql`now() + make_interval(secs => ${claimSeconds})` })
      .where(
        and(
          eq(webhookDeliveries.id, deliveryId),
          sql`${webhookDeliveries.id} in (select id from ${headsOf(ssoOrigin)} as head where endpoint_id = ${endpointId})`,
        ),
      )
      .returning();
    const delivery = rows[0];
    if (!endpoint || !delivery) return undefined;
    const { id, position, createdAt } = delivery;
    const event = position === null ? undefined : await findEvent(q, position);
    return { id, kind: delivery.kind as DeliveryKind, endpoint, event, createdAt };
  });
}

async function findEvent(q: Queries, position: number): Promise<EventRow> {
  const rows = await q
    .select(eventColumns)
    .from(events)
    .innerJoin(auditEvents, eq(auditEvents.id, events.auditId))
    .where(eq(events.position, position));
  return rows[0] as EventRow;
}

/** What an attempt changed beyond its delivery. */
export interface AttemptEffect {
  readonly switchedOff: "gone" | "failing" | null;
  /** The delivery was given up after days, while others succeed. */
  readonly gaveUp: boolean;
}

/**
 * Writes what an attempt came to: delivered; or when it is tried again; or that the endpoint is off: at once after 410,
 * and after days without any success. A test is tried once.
 * @param pauseMs until the next attempt
 */
export async function recordAttempt(
  database: Database,
  delivery: Pick<ClaimedDelivery, "id" | "kind" | "endpoint">,
  outcome: AttemptOutcome,
  pauseMs: (attempts: number) => number,
): Promise<AttemptEffect> {
  return database.transaction(async (q) => {
    const { id } = delivery.endpoint;
    const [before] = await q
      .select()
      .from(webhookDeliveries)
      .where(and(eq(webhookDeliveries.id, delivery.id), eq(webhookDeliveries.status, "waiting")))
      .for("update");
    if (!before) return { switchedOff: null, gaveUp: false };
    const attempts = before.attempts + 1;
    // After a quiet time, or one of ours without workers, days may have gone by between two attempts.
    const mayGiveUp = attempts >= attemptsMin;
    const isOver = sql`${mayGiveUp} and coalesce(${webhookDeliveries.firstFailedAt}, now()) < now() - make_interval(days => ${patienceDays})`;
    const isFinal = delivery.kind === "test" ? sql`true` : isOver;
    const isDelivered = outcome.kind === "delivered";
    const switchedOff = isDelivered
      ? await noteSuccess(q, delivery)
      : await noteFailure(q, id, { isGone: outcome.status === gone, mayGiveUp });
    // What waits at an endpoint that has just been switched off goes on once it is on again.
    const keeps = switchedOff !== null && delivery.kind !== "test";
    const rows = await q
      .update(webhookDeliveries)
      .set({
        attempts,
        claimedUntil: null,
        lastStatus: outcome.status ?? null,
        lastError: isDelivered ? null : outcome.error,
        ...(isDelivered
          ? { status: "delivered", endedAt: sql`now()` }
          : {
              firstFailedAt: keeps ? null : sql`coalesce(${webhookDeliveries.firstFailedAt}, now())`,
              dueAt: sql`now() + make_interval(secs => ${pauseMs(attempts) / 1000})`,
              ...(keeps
                ? {}
                : {
                    status: sql`case when ${isFinal} then 'failed' else 'waiting' end`,
                    endedAt: sql`case when ${isFinal} then now() end`,
                  }),
            }),
      })
      .where(eq(webhookDeliveries.id, delivery.id))
      .returning({ status: webhookDeliveries.status });
    return { switchedOff, gaveUp: rows[0]?.status === "failed" && delivery.kind !== "test" };
  });
}

async function noteSuccess(
  q: Queries,
  { endpoint, kind }: Pick<ClaimedDelivery, "kind" | "endpoint">,
): Promise<null> {
  const turnsOn = kind === "test" && endpoint.status === "off";
  await q
    .update(webhookEndpoints)
    .set({ failingSince: null, ...(turnsOn ? { status: "on", offReason: null } : {}) })
    .where(
      and(
        eq(webhookEndpoints.id, endpoint.id),
        or(
          isNotNull(webhookEndpoints.failingSince),
          turnsOn ? eq(webhookEndpoints.status, "off") : undefined,
        ),
      ),
    );
  if (turnsOn)
    await q
      .update(webhookDeliveries)
      .set({ dueAt: sql`now()`, firstFailedAt: null })
      .where(and(eq(webhookDeliveries.endpointId, endpoint.id), eq(webhookDeliveries.status, "waiting")));
  return null;
}

async function noteFailure(
  q: Queries,
  id: string,
  { isGone, mayGiveUp }: { readonly isGone: boolean; readonly mayGiveUp: boolean },
): Promise<AttemptEffect["switchedOff"]> {
  const isFailing = sql`${mayGiveUp} and coalesce(${webhookEndpoints.failingSince}, now()) < now() - make_interval(days => ${patienceDays})`;
  const reason = isGone ? sql`'gone'` : sql`case when ${isFailing} then 'failing' end`;
  await q
    .update(webhookEndpoints)
    .set({ failingSince: sql`coalesce(${webhookEndpoints.failingSince}, now())` })
    .where(eq(webhookEndpoints.id, id));
  const rows = await q
    .update(webhookEndpoints)
    .set({ status: "off", offReason: sql`${reason}` })
    .where(and(eq(webhookEndpoints.id, id), eq(webhookEndpoints.status, "on"), sql`${reason} is not null`))
    .returning({ reason: webhookEndpoints.offReason });
  return (rows[0]?.reason ?? null) as AttemptEffect["switchedOff"];
}

/** Removes what was delivered or given up 30 days ago. */
export async function forgetOldDeliveries(database: Database): Promise<void> {
  await database.run((q) =>
    q.execute(
      sql`delete from ${webhookDeliveries} where ${webhookDeliveries.endedAt} < now() - interval '30 days'`,
    ),
  );
}
