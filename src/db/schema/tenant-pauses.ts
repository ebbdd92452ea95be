import { pgTable, text } from "drizzle-orm/pg-core";
import { time } from "./columns.ts";

/** Tenants that Microsoft throttled: for how long no process of the installation calls them. */
export const tenantPauses = pgTable("tenant_pauses", {
  entraTenantId: text("entra_tenant_id").primaryKey(),
  until: time("until").notNull(),
  /** The one that tries first after it; the others wait for what comes of it. */
  firstUntil: time("first_until"),
});
