import { count, desc, eq, sql } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import type { EventName } from "../../domain/events.ts";
import {
  endpointsMax,
  rotationHours,
  type SealedWebhookEndpoint,
  type WebhookDelivery,
} from "../../domain/webhooks.ts";
import type { Database } from "../client.ts";
import type { Queries } from "../queries.ts";
import { webhookDeliveries, webhookEndpoints } from "../schema.ts";

const shownDeliveries = 50;

/** Adds an endpoint. @throws {CodedError} too_many_webhooks */
export async function addEndpoint(
  database: Database,
  endpoint: {
    readonly id: string;
    readonly ssoOrigin: string;
    readonly url: string;
    readonly events: readonly EventName[] | null;
    readonly description: string | null;
    readonly sealedSecret: string;
    readonly createdBy: string;
  },
): Promise<SealedWebhookEndpoint> {
  return database.transaction(async (q) => {
    await q.execute(sql`select pg_advisory_xact_lock(hashtextextended('authio-webhooks', 0))`);
    const [known] = await q.select({ count: count() }).from(webhookEndpoints);
    if ((known?.count ?? 0) >= endpointsMax) throw new CodedError("too_many_webhooks");
    const { events, ...rest } = endpoint;
    const rows = await q
      .insert(webhookEndpoints)
      .values({ ...rest, events: events === null ? null : [...events] })
      .returning();
    return toEndpoint(rows[0] as NonNullable<(typeof rows)[0]>);
  });
}

/** All of them, oldest first. */
export async function listEndpoints(database: Database): Promise<SealedWebhookEndpoint[]> {
  const rows = await database.run((q) =>
    q.select().from(webhookEndpoints).orderBy(webhookEndpoints.createdAt, webhookEndpoints.id),
  );
  return rows.map(toEndpoint);
}

export async function findEndpoint(queries: Queries, id: string): Promise<SealedWebhookEndpoint | undefined> {
  const rows = await queries.select().from(webhookEndpoints).where(eq(webhookEndpoints.id, id));
  return rows[0] && toEndpoint(rows[0]);
}

/** Removes an endpoint and all that was to be sent to it. False where there is none. */
export async function removeEndpoint(database: Database, id: string): Promise<boolean> {
  const rows = await database.run((q) =>
    q.execute(sql`delete from ${webhookEndpoints} where ${webhookEndpoints.id} = ${id} returning id`),
  );
  return rows.length === 1;
}

/**
 * Puts another secret in place; the one before signs beside it for a day. Undefined where there is no such endpoint. A
 * second call ends the first of both at once.
 */
export async function switchSecret(
  database: Database,
  id: string,
  sealedSecret: string,
): Promise<SealedWebhookEndpoint | undefined> {
  const rows = await database.run((q) =>
    q
      .update(webhookEndpoints)
      .set({
        sealedSecret,
        sealedPrevious: sql`${webhookEndpoints.sealedSecret}`,
        previousUntil: sql`now() + make_interval(hours => ${rotationHours})`,
      })
      .where(eq(webhookEndpoints.id, id))
      .returning(),
  );
  return rows[0] && toEndpoint(rows[0]);
}

/** The newest deliveries of an endpoint, newest first. */
export async function listDeliveries(database: Database, endpointId: string): Promise<WebhookDelivery[]> {
  const rows = await database.run((q) =>
    q
      .select()
      .from(webhookDeliveries)
      .where(eq(webhookDeliveries.endpointId, endpointId))
      .orderBy(desc(webhookDeliveries.id))
      .limit(shownDeliveries),
  );
  return rows as unknown as WebhookDelivery[];
}

/** Check constraints hold the columns to the unions. */
function toEndpoint(row: typeof webhookEndpoints.$inferSelect): SealedWebhookEndpoint {
  return row as unknown as SealedWebhookEndpoint;
}
