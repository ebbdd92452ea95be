import { sql } from "drizzle-orm";
import { boolean, check, index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { time } from "./columns.ts";

/** Links for administrators who have no account with us. What is pressed there becomes a click that names its link. */
export const setupLinks = pgTable(
  "setup_links",
  {
    id: text().primaryKey(),
    /** The sso origin where it leads. */
    ssoOrigin: text("sso_origin").notNull(),
    projectId: text("project_id").notNull(),
    orgId: text("org_id").notNull(),
    orgName: text("org_name"),
    createdBy: text("created_by").notNull(),
    requester: text(),
    tokenHash: text("token_hash").notNull(),
    status: text().notNull().default("open"),
    returnUrl: text("return_url"),
    successUrl: text("success_url"),
    contactEmails: text("contact_emails").array().notNull().default([]),
    domain: text(),
    access: text(),
    wantedConnectionId: text("wanted_connection_id"),
    additional: boolean().notNull().default(false),
    pinnedTenantId: text("pinned_tenant_id"),
    confirmedRequestId: text("confirmed_request_id"),
    createdAt: time("created_at").notNull().defaultNow(),
    expiresAt: time("expires_at").notNull(),
    endedAt: time("ended_at"),
  },
  (table) => [
    uniqueIndex("setup_links_token_hash").on(table.tokenHash),
    index("setup_links_by_org").on(table.orgId, table.createdAt),
    check("setup_link_status_known", sql`${table.status} in ('open', 'confirmed', 'revoked')`),
    check("setup_link_access_known", sql`${table.access} in ('everyone', 'assigned')`),
    check("setup_link_one_wish", sql`${table.wantedConnectionId} is null or not ${table.additional}`),
    check("setup_link_lifetime", sql`${table.expiresAt} <= ${table.createdAt} + interval '7 days'`),
    check("setup_link_ended_has_time", sql`(${table.status} = 'open') = (${table.endedAt} is null)`),
    check(
      "setup_link_confirmed_names_click",
      sql`(${table.status} = 'confirmed') = (${table.confirmedRequestId} is not null)`,
    ),
  ],
);
