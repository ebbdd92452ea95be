import { sql } from "drizzle-orm";
import { boolean, check, index, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { time } from "./columns.ts";

/** One click each. The constraints carry the rules, so no code path can write a request that cannot exist. */
export const provisionRequests = pgTable(
  "ms_provision_requests",
  {
    id: text().primaryKey(),
    /** The sso origin that started it: a copy of the database under another origin drives and deletes nothing. */
    ssoOrigin: text("sso_origin").notNull(),
    projectId: text("project_id").notNull(),
    orgId: text("org_id").notNull(),
    orgName: text("org_name"),
    startedBy: text("started_by").notNull(),
    returnTo: text("return_to"),
    /** The kind of operation that it leads to. */
    intent: text().notNull().default("connect"),
    access: text(),
    /** The connection that start named: only its directory is accepted. A release always names one. */
    wantedConnectionId: text("wanted_connection_id"),
    /** Start asked for another directory beside the ones that are connected. */
    additional: boolean().notNull().default(false),
    binding: text().notNull(),
    /** The link whose button was pressed, and what came of it before the owner confirms. */
    setupLinkId: text("setup_link_id"),
    administrator: text(),
    approvedAt: time("approved_at"),
    stateHash: text("state_hash").notNull(),
    browserHash: text("browser_hash"),
    confirmHash: text("confirm_hash"),
    proofLeaseUntil: time("proof_lease_until"),
    status: text().notNull(),
    tenantHint: text("tenant_hint"),
    entraTenantId: text("entra_tenant_id"),
    /** Of the proved administrator's user name; whose it is was not asked yet. */
    provedDomain: text("proved_domain"),
    connectionId: text("connection_id"),
    /** What the click led to. Status, code and clean-up follow it, each in its own transaction. */
    operationId: text("operation_id"),
    cleanup: text().notNull().default("none"),
    joinedRequestId: text("joined_request_id"),
    errorCode: text("error_code"),
    errorMicrosoft: jsonb("error_microsoft"),
    /** The `traceparent` of the call that began it, where there is a tracer. */
    traceParent: text("trace_parent"),
    createdAt: time("created_at").notNull().defaultNow(),
    expiresAt: time("expires_at").notNull(),
    provedAt: time("proved_at"),
    completedAt: time("completed_at"),
  },
  (table) => [
    uniqueIndex("ms_provision_requests_state_hash").on(table.stateHash),
    uniqueIndex("ms_provision_requests_operation").on(table.operationId),
    index("ms_provision_requests_by_org").on(table.orgId, table.createdAt),
    // An operator's list begins with the newest of all.
    index("ms_provision_requests_by_age").on(table.createdAt, table.id),
    // What expires is looked for every few seconds.
    index("ms_provision_requests_unproved")
      .on(table.expiresAt)
      .where(sql`${table.status} in ('issued', 'consented', 'unconfirmed')`),
    check(
      "status_known",
      sql`${table.status} in ('issued', 'consented', 'unconfirmed', 'proved', 'provisioning', 'succeeded', 'failed', 'denied', 'refused', 'expired', 'superseded')`,
    ),
    index("ms_provision_requests_by_link")
      .on(table.setupLinkId)
      .where(sql`${table.setupLinkId} is not null`),
    // One open click for each link.
    uniqueIndex("ms_provision_requests_open_by_link")
      .on(table.setupLinkId)
      .where(sql`${table.status} in ('issued', 'consented', 'unconfirmed')`),
    check("binding_known", sql`${table.binding} in ('cookie', 'confirm', 'setup_link')`),
    // No other binding ever becomes this one.
    check("setup_link_is_named", sql`(${table.binding} = 'setup_link') = (${table.setupLinkId} is not null)`),
    check("approved_by_link", sql`${table.approvedAt} is null or ${table.binding} = 'setup_link'`),
    check(
      "driven_by_link_is_approved",
      sql`${table.binding} <> 'setup_link' or ${table.status} not in ('proved', 'provisioning', 'succeeded') or ${table.approvedAt} is not null`,
    ),
    check("intent_known", sql`${table.intent} in ('connect', 'release')`),
    check(
      "release_names_connection",
      sql`${table.intent} <> 'release' or (${table.wantedConnectionId} is not null and ${table.binding} <> 'setup_link')`,
    ),
    check("access_known", sql`${table.access} in ('everyone', 'assigned')`),
    check("one_wish", sql`${table.wantedConnectionId} is null or not ${table.additional}`),
    check("cleanup_known", sql`${table.cleanup} in ('none', 'pending', 'done', 'needs_operator')`),
    check(
      "cookie_binding_has_browser",
      sql`${table.binding} = 'confirm' or ${table.browserHash} is not null`,
    ),
    check(
      "unproved_has_no_operation",
      sql`${table.status} not in ('issued', 'consented', 'unconfirmed') or (${table.operationId} is null and ${table.connectionId} is null)`,
    ),
    check(
      "driven_is_proved",
      sql`${table.status} not in ('proved', 'provisioning', 'succeeded') or (${table.entraTenantId} is not null and ${table.connectionId} is not null and ${table.provedAt} is not null and ${table.operationId} is not null)`,
    ),
    check(
      "unconfirmed_is_proved",
      sql`${table.status} <> 'unconfirmed' or (${table.entraTenantId} is not null and ${table.provedAt} is not null)`,
    ),
    check(
      "failed_says_why",
      sql`${table.status} not in ('failed', 'denied', 'refused') or ${table.errorCode} is not null`,
    ),
    check(
      "superseded_names_other",
      sql`${table.status} <> 'superseded' or ${table.joinedRequestId} is not null`,
    ),
    check(
      "ended_has_time",
      sql`(${table.status} in ('succeeded', 'failed', 'denied', 'refused', 'expired', 'superseded')) = (${table.completedAt} is not null)`,
    ),
  ],
);
