import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { time } from "./columns.ts";

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
    /** When this secret came into the row. */
    secretSetAt: time("secret_set_at").notNull().defaultNow(),
    entraDomain: text("entra_domain"),
    /** Said by an administrator's user name: what is looked at for `entra_domain`. */
    provedDomain: text("proved_domain"),
    domainLookedAt: time("domain_looked_at"),
    displayName: text("display_name"),
    access: text().notNull().default("everyone"),
    accessErrorCode: text("access_error_code"),
    configuredBy: text("configured_by").notNull(),
    usersConsentedAt: time("users_consented_at"),
    usersConsentMissingAt: time("users_consent_missing_at"),
    /** Whose word either is. */
    usersConsentBy: text("users_consent_by"),
    lastSignInAt: time("last_sign_in_at"),
    renewalAttemptedAt: time("renewal_attempted_at"),
    renewalErrorCode: text("renewal_error_code"),
    disconnectedAt: time("disconnected_at"),
    /** `owner`, `operator` or both, since people could last sign in with it. */
    switchedOffBy: text("switched_off_by").array().notNull().default([]),
    accessReleasedAt: time("access_released_at"),
    createdAt: time("created_at").notNull().defaultNow(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (table) => [
    // Not unique on the tenant alone: two organizations may connect one tenant, each with its own application.
    uniqueIndex("sso_connections_one_live")
      .on(table.orgId, table.entraTenantId)
      .where(sql`${table.status} in ('active', 'suspended')`),
    index("sso_connections_by_org").on(table.orgId, table.createdAt),
    // The undo and the sweep ask whether anything names an application.
    index("sso_connections_by_application").on(table.appObjectId),
    index("sso_connections_by_tenant").on(table.entraTenantId),
    // People are routed by it.
    index("sso_connections_by_domain")
      .on(table.entraDomain)
      .where(sql`${table.entraDomain} is not null`),
    // Renewals begin with what ends soonest.
    index("sso_connections_by_end")
      .on(table.secretExpiresAt)
      .where(sql`${table.status} in ('active', 'suspended')`),
    check("connection_access_known", sql`${table.access} in ('everyone', 'assigned')`),
    check(
      "users_consent_is_one",
      sql`${table.usersConsentedAt} is null or ${table.usersConsentMissingAt} is null`,
    ),
    check("users_consent_by_known", sql`${table.usersConsentBy} in ('grants', 'sign_ins')`),
    check("protocol_known", sql`${table.protocol} = 'oidc'`),
    check("provider_known", sql`${table.provider} = 'entra'`),
    check("status_known", sql`${table.status} in ('active', 'suspended', 'disconnected')`),
    check("managed_by_known", sql`${table.managedBy} = 'microsoft_graph'`),
    check("secret_is_sealed", sql`${table.sealedSecret} like 'asv1.%'`),
    check("live_has_secret", sql`${table.status} = 'disconnected' or ${table.sealedSecret} is not null`),
  ],
);
