import { sql } from "drizzle-orm";
import type { Queries } from "./queries.ts";

/** What api and worker both do, by table; grants.sql gives it to their roles. */
const needed: Readonly<Record<string, readonly string[]>> = {
  ms_provision_requests: ["select", "insert", "update"],
  connection_operations: ["select", "insert", "update"],
  sso_connections: ["select", "insert", "update"],
  audit_events: ["select", "insert"],
  operator_pauses: ["select"],
};

/** Rights that the role lacks, as `insert on audit_events`; of tables that are not there nothing is said. */
export async function missingRights(queries: Queries): Promise<readonly string[]> {
  const pairs = Object.entries(needed).flatMap(([table, rights]) =>
    rights.map((right) => ({ table, right })),
  );
  const rows = await queries.execute(sql`
    select wanted ->> 'right' as "right", wanted ->> 'table' as "table"
    from jsonb_array_elements(${JSON.stringify(pairs)}::jsonb) as wanted
    where to_regclass(wanted ->> 'table') is not null
      and not has_table_privilege(to_regclass(wanted ->> 'table'), wanted ->> 'right')`);
  return rows.map(({ right, table }) => `${String(right)} on ${String(table)}`);
}
