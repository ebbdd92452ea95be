import { sql } from "drizzle-orm";
import type { Queries } from "./queries.ts";

/**
 * Whether the trail can be changed by the role that asks. `trigger_off`: it can, by anybody with the right to update.
 * `owned`: the role owns the table, or is an administrator of the server, and could switch the trigger off.
 */
export type AuditProtection = "protected" | "owned" | "trigger_off";

export async function readAuditProtection(queries: Queries): Promise<AuditProtection> {
  const [row] = await queries.execute(sql`
    select
      pg_has_role(relowner, 'usage') or (select rolsuper from pg_roles where rolname = current_user) as is_owned,
      exists (
        select from pg_trigger
        where tgrelid = pg_class.oid and tgname = 'audit_events_append_only' and tgenabled in ('O', 'A')
      ) as is_on
    from pg_class where oid = to_regclass('audit_events')`);
  if (row?.["is_on"] !== true) return "trigger_off";
  return row["is_owned"] === true ? "owned" : "protected";
}
