import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });

/** One click each. The constraints carry the rules, so no code path can write a request that cannot exist. */
export const provisionRequests = pgTable(
  "ms_provision_requests",
  {
    id: text().primaryKey(),
    kind: text().notNull().default("connect"),
    /** The sso origin that started it: a copy of the database under another origin drives and deletes nothing. */
    ssoOrigin: text("sso_origin"),
    projectId: text("project_id").notNull(),
    orgId: text("org_id").notNull(),
    orgName: text("org_name"),
    startedBy: text("started_by").notNull(),
    returnTo: text("return_to"),
    access: text(),
    /** The connection that start named: only its directory is accepted. */
    wantedConnectionId: text("wanted_connection_id"),
    /** Start asked for another directory beside the ones that are connected. */
    additional: boolean().notNull().default(false),
    binding: text().notNull(),
    stateHash: text("state_hash").notNull(),
    browserHash: text("browser_hash"),
    confirmHash: text("confirm_hash"),
    proofLeaseUntil: time("proof_lease_until"),
    status: text().notNull(),
    generation: integer().notNull().default(1),
    tenantHint: text("tenant_hint"),
    entraTenantId: text("entra_tenant_id"),
    connectionId: text("connection_id"),
    workflowId: text("workflow_id"),
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
    joinedRequestId: text("joined_request_id"),
    errorCode: text("error_code"),
    errorMicrosoft: jsonb("error_microsoft"),
    createdAt: time("created_at").notNull().defaultNow(),
    expiresAt: time("expires_at").notNull(),
    provedAt: time("proved_at"),
    completedAt: time("completed_at"),
    /** When strays of it are looked for next. */
    settleDueAt: time("settle_due_at"),
  },
  (table) => [
    uniqueIndex("ms_provision_requests_state_hash").on(table.stateHash),
    // One organization and tenant have one attempt in hand; a second joins it.
    uniqueIndex("ms_provision_requests_one_in_hand")
      .on(table.orgId, table.entraTenantId)
      .where(sql`${table.status} in ('proved', 'provisioning')`),
    index("ms_provision_requests_by_org").on(table.orgId, table.createdAt),
    // The reconciler reads only what is unfinished.
    index("ms_provision_requests_unfinished")
      .on(table.status, table.expiresAt)
      .where(
        sql`${table.status} in ('issued', 'consented', 'unconfirmed', 'proved', 'provisioning') or ${table.cleanup} = 'pending'`,
      ),
    check(
      "status_known",
      sql`${table.status} in ('issued', 'consented', 'unconfirmed', 'proved', 'provisioning', 'succeeded', 'failed', 'denied', 'refused', 'expired', 'superseded')`,
    ),
    // Admission counts the runs of one tenant.
    index("ms_provision_requests_by_tenant")
      .on(table.entraTenantId, table.createdAt)
      .where(sql`${table.status} in ('proved', 'provisioning')`),
    index("ms_provision_requests_settle_due")
      .on(table.settleDueAt)
      .where(sql`${table.settleDueAt} is not null`),
    check("kind_known", sql`${table.kind} in ('connect', 'renewal')`),
    check("binding_known", sql`${table.binding} in ('cookie', 'confirm')`),
    check("access_known", sql`${table.access} in ('everyone', 'assigned')`),
    check("one_wish", sql`${table.wantedConnectionId} is null or not ${table.additional}`),
    check("cleanup_known", sql`${table.cleanup} in ('none', 'pending', 'done', 'needs_operator')`),
    check(
      "cookie_binding_has_browser",
      sql`${table.binding} <> 'cookie' or ${table.browserHash} is not null`,
    ),
    check(
      "driven_is_proved",
      sql`${table.status} not in ('proved', 'provisioning', 'succeeded') or (${table.entraTenantId} is not null and ${table.connectionId} is not null and ${table.provedAt} is not null)`,
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

export const ssoConnections = pgTable(
  "sso_connections",
  {
    id: text().primaryKey(),
    projectId: text("project_id").notNull(),
    orgId: text("org_id").notNull(),
    protocol: text().notNull(),
    provider: text().notNull(),
    status: text().notNull(),
    /** Rises whenever what is under way for it must end: suspended, disconnected, restored, another application. */
    epoch: integer().notNull().default(1),
    managedBy: text("managed_by").notNull(),
    entraTenantId: text("entra_tenant_id").notNull(),
    appId: text("app_id").notNull(),
    appObjectId: text("app_object_id").notNull(),
    servicePrincipalId: text("service_principal_id").notNull(),
    issuer: text().notNull(),
    redirectUri: text("redirect_uri").notNull(),
    /** Null once it is disconnected. */
    sealedSecret: text("sealed_secret"),
    secretKeyId: text("secret_key_id").notNull(),
    secretExpiresAt: time("secret_expires_at").notNull(),
    entraDomain: text("entra_domain"),
    displayName: text("display_name"),
    access: text().notNull().default("everyone"),
    configuredBy: text("configured_by").notNull(),
    usersConsentedAt: time("users_consented_at"),
    lastSignInAt: time("last_sign_in_at"),
    renewalAttemptedAt: time("renewal_attempted_at"),
    renewalErrorCode: text("renewal_error_code"),
    createdAt: time("created_at").notNull().defaultNow(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (table) => [
    // Not unique on the tenant alone: two organizations may connect one tenant, each with its own application.
    uniqueIndex("sso_connections_one_live")
      .on(table.orgId, table.entraTenantId)
      .where(sql`${table.status} in ('active', 'suspended')`),
    check("connection_access_known", sql`${table.access} in ('everyone', 'assigned')`),
    check("protocol_known", sql`${table.protocol} = 'oidc'`),
    check("provider_known", sql`${table.provider} = 'entra'`),
    check("status_known", sql`${table.status} in ('active', 'suspended', 'disconnected')`),
    check("managed_by_known", sql`${table.managedBy} = 'microsoft_graph'`),
    check("secret_is_sealed", sql`${table.sealedSecret} like 'asv1.%'`),
    check("live_has_secret", sql`${table.status} = 'disconnected' or ${table.sealedSecret} is not null`),
  ],
);

/** Which code a state has had, so that each state costs Microsoft one; hashes only. Rows live as long as their state. */
export const codeRedemptions = pgTable(
  "code_redemptions",
  {
    stateHash: text("state_hash").primaryKey(),
    /** Null: ended without a code. */
    codeHash: text("code_hash"),
    leaseUntil: time("lease_until"),
    /** When Microsoft had judged it. */
    judgedAt: time("judged_at"),
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [
    index("code_redemptions_by_expiry").on(table.expiresAt),
    check("without_code_is_judged", sql`${table.codeHash} is not null or ${table.judgedAt} is not null`),
  ],
);

/**
 * What an application exchanges for an identity: once. `sealed` is what it stands for, under a key that only the code
 * gives; gone as soon as the code is spent. A spent row stays until the tokens that it gave are over, to tell a replay.
 */
export const signinCodes = pgTable(
  "signin_codes",
  {
    codeHash: text("code_hash").primaryKey(),
    clientId: text("client_id").notNull(),
    connectionId: text("connection_id").notNull(),
    /** The connection's when the person signed in. */
    epoch: integer().notNull(),
    sealed: text(),
    expiresAt: time("expires_at").notNull(),
    spentAt: time("spent_at"),
    /** When it came a second time. */
    replayedAt: time("replayed_at"),
    forgetAt: time("forget_at").notNull(),
  },
  (table) => [
    index("signin_codes_by_end").on(table.forgetAt),
    check("spent_is_empty", sql`${table.spentAt} is null or ${table.sealed} is null`),
  ],
);

/** Opaque access tokens, for userinfo alone; `sealed` under a key that only the token gives. */
export const signinTokens = pgTable(
  "signin_tokens",
  {
    tokenHash: text("token_hash").primaryKey(),
    codeHash: text("code_hash").notNull(),
    clientId: text("client_id").notNull(),
    connectionId: text("connection_id").notNull(),
    epoch: integer().notNull(),
    sid: text().notNull(),
    sealed: text().notNull(),
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [
    index("signin_tokens_by_code").on(table.codeHash),
    index("signin_tokens_by_sid").on(table.sid),
    index("signin_tokens_by_end").on(table.expiresAt),
  ],
);

/** Keys that sign what applications get. The private half is sealed under the master key. */
export const signingKeys = pgTable(
  "signing_keys",
  {
    kid: text().primaryKey(),
    algorithm: text().notNull(),
    state: text().notNull(),
    publicJwk: jsonb("public_jwk").notNull(),
    /** Null once it is gone. */
    sealedPrivate: text("sealed_private"),
    createdAt: time("created_at").notNull().defaultNow(),
    activatedAt: time("activated_at"),
    retiredAt: time("retired_at"),
  },
  (table) => [
    uniqueIndex("signing_keys_one_active")
      .on(table.algorithm)
      .where(sql`${table.state} = 'active'`),
    uniqueIndex("signing_keys_one_next")
      .on(table.algorithm)
      .where(sql`${table.state} = 'next'`),
    check("algorithm_known", sql`${table.algorithm} in ('RS256', 'EdDSA')`),
    check("key_state_known", sql`${table.state} in ('next', 'active', 'retired', 'gone')`),
    check("gone_is_empty", sql`(${table.state} = 'gone') = (${table.sealedPrivate} is null)`),
    check("private_is_sealed", sql`${table.sealedPrivate} like 'asv1.%'`),
  ],
);

/** Append-only: a trigger in the migrations refuses UPDATE, DELETE and TRUNCATE. */
export const auditEvents = pgTable(
  "audit_events",
  {
    id: bigserial({ mode: "number" }).primaryKey(),
    /** `user:…`, `operator:…`, `system` or `browser` (an unauthenticated callback). */
    actor: text().notNull(),
    action: text().notNull(),
    projectId: text("project_id").notNull(),
    orgId: text("org_id").notNull(),
    /** Null for what is about a connection itself. */
    requestId: text("request_id"),
    connectionId: text("connection_id"),
    generation: integer().notNull(),
    detail: jsonb().notNull().default({}),
    at: time("at").notNull().defaultNow(),
  },
  (table) => [
    index("audit_events_by_request").on(table.requestId),
    index("audit_events_by_org").on(table.orgId, table.at),
    index("audit_events_by_time").on(table.at),
    check("about_something", sql`${table.requestId} is not null or ${table.connectionId} is not null`),
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
