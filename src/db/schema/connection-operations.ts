import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { time } from "./columns.ts";

/** One thing that is done to a connection each: the fence of every run. */
export const connectionOperations = pgTable(
  "connection_operations",
  {
    id: text().primaryKey(),
    kind: text().notNull(),
    /** The click that led to it. */
    requestId: text("request_id"),
    ssoOrigin: text("sso_origin").notNull(),
    projectId: text("project_id").notNull(),
    orgId: text("org_id").notNull(),
    orgName: text("org_name"),
    requestedBy: text("requested_by").notNull(),
    connectionId: text("connection_id").notNull(),
    entraTenantId: text("entra_tenant_id").notNull(),
    provedDomain: text("proved_domain"),
    status: text().notNull(),
    generation: integer().notNull().default(1),
    workflowId: text("workflow_id"),
    access: text(),
    createIntentAt: time("create_intent_at"),
    createRefused: boolean("create_refused").notNull().default(false),
    adopted: boolean().notNull().default(false),
    appObjectId: text("app_object_id"),
    appId: text("app_id"),
    servicePrincipalId: text("service_principal_id"),
    credentialAttempt: integer("credential_attempt").notNull().default(0),
    secretLifetimeDays: integer("secret_lifetime_days"),
    /** Whether this run consented for all users of the application. */
    usersConsented: boolean("users_consented").notNull().default(false),
    cleanup: text().notNull().default("none"),
    supersededBy: text("superseded_by"),
    errorCode: text("error_code"),
    errorMicrosoft: jsonb("error_microsoft"),
    /** The `traceparent` of the call that began it, where there is a tracer. */
    traceParent: text("trace_parent"),
    createdAt: time("created_at").notNull().defaultNow(),
    completedAt: time("completed_at"),
    /** When strays of it are looked for next. */
    settleDueAt: time("settle_due_at"),
  },
  (table) => [
    uniqueIndex("connection_operations_by_request").on(table.requestId),
    // One connection has one in hand, and so have one organization and tenant; a disconnected one is another's no more.
    uniqueIndex("connection_operations_one_in_hand")
      .on(table.orgId, table.entraTenantId)
      .where(sql`${table.status} in ('waiting', 'running') and ${table.kind} <> 'disconnect'`),
    uniqueIndex("connection_operations_one_of_connection")
      .on(table.connectionId)
      .where(sql`${table.status} in ('waiting', 'running')`),
    index("connection_operations_by_connection").on(table.connectionId, table.createdAt),
    index("connection_operations_by_org").on(table.orgId, table.createdAt),
    // The reconciler reads only what is unfinished, admission counts the runs of one tenant.
    index("connection_operations_unfinished")
      .on(table.entraTenantId, table.status, table.createdAt)
      .where(sql`${table.status} in ('waiting', 'running') or ${table.cleanup} = 'pending'`),
    index("connection_operations_settle_due")
      .on(table.settleDueAt)
      .where(sql`${table.settleDueAt} is not null`),
    // What ended within a day, and what waits for a person, is counted at each scrape.
    index("connection_operations_by_end").on(table.completedAt),
    index("connection_operations_needs_operator")
      .on(table.completedAt)
      .where(sql`${table.cleanup} = 'needs_operator'`),
    check(
      "kind_known",
      sql`${table.kind} in ('connect', 'renew', 'disconnect', 'restore', 'change_access', 'release')`,
    ),
    check(
      "operation_status_known",
      sql`${table.status} in ('waiting', 'running', 'succeeded', 'failed', 'superseded')`,
    ),
    check(
      "click_has_operation",
      sql`(${table.kind} in ('connect', 'release')) = (${table.requestId} is not null)`,
    ),
    check("operation_access_known", sql`${table.access} in ('everyone', 'assigned')`),
    check("operation_cleanup_known", sql`${table.cleanup} in ('none', 'pending', 'done', 'needs_operator')`),
    check(
      "application_is_whole",
      sql`(${table.appObjectId} is null) = (${table.appId} is null) and (${table.appId} is null) = (${table.servicePrincipalId} is null)`,
    ),
    check("running_has_workflow", sql`${table.status} <> 'running' or ${table.workflowId} is not null`),
    check("operation_failed_says_why", sql`(${table.status} = 'failed') = (${table.errorCode} is not null)`),
    check(
      "operation_superseded_names_other",
      sql`(${table.status} = 'superseded') = (${table.supersededBy} is not null)`,
    ),
    check(
      "operation_ended_has_time",
      sql`(${table.status} in ('succeeded', 'failed', 'superseded')) = (${table.completedAt} is not null)`,
    ),
  ],
);
