import { sql } from "drizzle-orm";
import { boolean, date, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { time } from "./columns.ts";

/** How many people signed in on a day (UTC): nobody's name. Told in the audit trail once the day is over. */
export const dailySignIns = pgTable(
  "daily_sign_ins",
  {
    connectionId: text("connection_id").notNull(),
    day: date({ mode: "string" }).notNull(),
    count: integer().notNull(),
    isTold: boolean("is_told").notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.connectionId, table.day] }),
    index("daily_sign_ins_untold")
      .on(table.day)
      .where(sql`not ${table.isTold}`),
  ],
);

/** How many sign-ins were refused for what on a day (UTC), and when last: nobody's name. */
export const dailySignInFailures = pgTable(
  "daily_sign_in_failures",
  {
    connectionId: text("connection_id").notNull(),
    day: date({ mode: "string" }).notNull(),
    code: text().notNull(),
    count: integer().notNull(),
    lastAt: time("last_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.connectionId, table.day, table.code] }),
    index("daily_sign_in_failures_by_day").on(table.day),
  ],
);
