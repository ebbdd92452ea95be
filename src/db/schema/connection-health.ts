import { index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { time } from "./columns.ts";

/** What daily looks at a connection's application found; a connection that none has looked at yet has no row. */
export const connectionHealth = pgTable(
  "connection_health",
  {
    connectionId: text("connection_id").primaryKey(),
    dueAt: time("due_at").notNull(),
    /** When Microsoft last told all of it. */
    lookedAt: time("looked_at"),
    /** Codes that one look saw. */
    suspected: jsonb().notNull().default([]),
    /** `{code, since}` of what two looks in a row saw. */
    reasons: jsonb().notNull().default([]),
    /** Why the last look learned nothing. */
    errorCode: text("error_code"),
  },
  (table) => [index("connection_health_due").on(table.dueAt)],
);
