import type { drizzle } from "drizzle-orm/postgres-js";

/** What a verb may do with a connection, in a transaction or out of one; only `client.ts` opens either. */
export type Queries = Pick<
  ReturnType<typeof drizzle>,
  "select" | "selectDistinctOn" | "insert" | "update" | "delete" | "execute"
>;
