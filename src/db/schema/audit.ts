import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { time } from "./columns.ts";

/** Append-only: a trigger in the migrations refuses UPDATE, DELETE and TRUNCATE. A partition a month, made there too. */
export const auditEvents = pgTable(
  "audit_events",
  {
    id: bigserial({ mode: "number" }).notNull(),
    /** `user:…`, `operator:…`, `system` or `browser` (an unauthenticated callback). */
    actor: text().notNull(),
    action: text().notNull(),
    projectId: text("project_id").notNull(),
    orgId: text("org_id").notNull(),
    /** Null for what is about a connection itself. */
    requestId: text("request_id"),
    operationId: text("operation_id"),
    connectionId: text("connection_id"),
    /** Of the operation; 0 for what is about none. */
    generation: integer().notNull(),
    detail: jsonb().notNull().default({}),
    at: time("at").notNull().defaultNow(),
  },
  (table) => [
    // The partitions are by time.
    primaryKey({ columns: [table.id, table.at] }),
    index("audit_events_by_request").on(table.requestId),
    index("audit_events_by_org").on(table.orgId, table.id),
    index("audit_events_by_connection").on(table.connectionId, table.action),
    index("audit_events_by_time").on(table.at),
    // What is about none of them is an order for the whole installation.
    check(
      "about_something",
      sql`${table.requestId} is not null or ${table.connectionId} is not null or ${table.orgId} = '*' or ${table.detail} ->> 'setup_link' is not null`,
    ),
  ],
);

/** The feed: audit rows that others are told of, in the order in which they were committed. */
export const events = pgTable(
  "events",
  {
    position: bigserial({ mode: "number" }).primaryKey(),
    auditId: bigint("audit_id", { mode: "number" }).notNull(),
    name: text().notNull(),
  },
  (table) => [uniqueIndex("events_once").on(table.auditId)],
);
