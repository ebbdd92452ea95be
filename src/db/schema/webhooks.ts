import { sql } from "drizzle-orm";
import { bigint, bigserial, check, index, integer, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { time } from "./columns.ts";

/** Where events are sent to. Gone with its deliveries once an operator removes it. */
export const webhookEndpoints = pgTable(
  "webhook_endpoints",
  {
    id: text().primaryKey(),
    /** Where it was added: a copy of the database under another origin sends nothing. */
    ssoOrigin: text("sso_origin").notNull(),
    url: text().notNull(),
    /** Names of events; null: all of them. */
    events: text().array(),
    description: text(),
    /** `off`: no longer delivered to, after 410 or days without success. */
    status: text().notNull().default("on"),
    offReason: text("off_reason"),
    sealedSecret: text("sealed_secret").notNull(),
    /** What the secret's rotation left, valid until then. */
    sealedPrevious: text("sealed_previous"),
    previousUntil: time("previous_until"),
    /** Since when no delivery has succeeded; null: the last one did. */
    failingSince: time("failing_since"),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull().defaultNow(),
  },
  (table) => [
    check("endpoint_status_known", sql`${table.status} in ('on', 'off')`),
    check("off_says_why", sql`(${table.status} = 'off') = (${table.offReason} is not null)`),
    check("off_reason_known", sql`${table.offReason} in ('gone', 'failing')`),
    check("webhook_secret_is_sealed", sql`${table.sealedSecret} like 'asv1.%'`),
    check("previous_secret_is_sealed", sql`${table.sealedPrevious} like 'asv1.%'`),
    check("previous_secret_ends", sql`(${table.sealedPrevious} is null) = (${table.previousUntil} is null)`),
  ],
);

/** What is to be sent, to which endpoint, in the order of its lane: one connection's deliveries wait for each other. */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    id: bigserial({ mode: "number" }).primaryKey(),
    endpointId: text("endpoint_id")
      .notNull()
      .references(() => webhookEndpoints.id, { onDelete: "cascade" }),
    kind: text().notNull(),
    /** Place of the event in the feed; null for a test. */
    position: bigint({ mode: "number" }),
    lane: text().notNull(),
    status: text().notNull().default("waiting"),
    attempts: integer().notNull().default(0),
    /** When it is tried next. */
    dueAt: time("due_at").notNull().defaultNow(),
    /** An attempt is under way until then at most. */
    claimedUntil: time("claimed_until"),
    firstFailedAt: time("first_failed_at"),
    /** Of the last attempt: the answer's HTTP status, or why there was none. */
    lastStatus: integer("last_status"),
    lastError: text("last_error"),
    createdAt: time("created_at").notNull().defaultNow(),
    endedAt: time("ended_at"),
  },
  (table) => [
    // An event goes to an endpoint once; what is sent again was asked for.
    uniqueIndex("webhook_deliveries_once")
      .on(table.endpointId, table.position)
      .where(sql`${table.kind} = 'event'`),
    index("webhook_deliveries_waiting")
      .on(table.endpointId, table.lane, table.id)
      .where(sql`${table.status} = 'waiting'`),
    index("webhook_deliveries_by_end").on(table.endedAt),
    check("delivery_kind_known", sql`${table.kind} in ('event', 'replay', 'test')`),
    check("delivery_status_known", sql`${table.status} in ('waiting', 'delivered', 'failed')`),
    check("delivery_has_event", sql`(${table.kind} = 'test') = (${table.position} is null)`),
    check("ended_delivery_has_time", sql`(${table.status} = 'waiting') = (${table.endedAt} is null)`),
  ],
);
