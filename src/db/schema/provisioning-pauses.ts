import { sql } from "drizzle-orm";
import { check, pgTable, text } from "drizzle-orm/pg-core";
import { time } from "./columns.ts";

/** Why nothing begins for now; no row: all goes on. An operator's order, and the breaker of our own credential. */
export const provisioningPauses = pgTable(
  "provisioning_pauses",
  {
    cause: text().primaryKey(),
    by: text().notNull(),
    reason: text().notNull(),
    since: time("since").notNull().defaultNow(),
    /** Which secret was refused, by a keyed hash. */
    fingerprint: text(),
    /** Where it was refused. */
    entraTenantId: text("entra_tenant_id"),
    /** When one process tries it again, for all of them. */
    tryAt: time("try_at"),
  },
  (table) => [
    check("pause_cause_known", sql`${table.cause} in ('operator', 'credential_refused')`),
    check(
      "refused_credential_is_tried_again",
      sql`(${table.cause} = 'credential_refused') = (${table.tryAt} is not null and ${table.fingerprint} is not null and ${table.entraTenantId} is not null)`,
    ),
  ],
);
