import { readFileSync } from "node:fs";
import { sql } from "drizzle-orm";
import type { Queries } from "./queries.ts";

/** The group whose members run the service; see grants.sql. */
const runtimeRole = "authio_runtime";

/** Repeats the grants where the role is there and the tables are ours to share out. */
export async function applyGrants(queries: Queries): Promise<void> {
  const [row] = await queries.execute(sql`
    select exists (select from pg_roles where rolname = ${runtimeRole}) and pg_has_role(relowner, 'usage') as may_grant
    from pg_class where oid = to_regclass('audit_events')`);
  if (row?.["may_grant"] !== true) return;
  await queries.execute(sql.raw(readFileSync(new URL("grants.sql", import.meta.url), "utf8")));
}
