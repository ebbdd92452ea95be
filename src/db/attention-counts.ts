import { sql } from "drizzle-orm";
import type { AttentionCode } from "../domain/attention.ts";
import type { Queries } from "./queries.ts";

/** Live connections that need attention, by what for: one may be counted under several. */
export async function countAttention(q: Queries): Promise<ReadonlyMap<AttentionCode, number>> {
  const rows = await q.execute(sql`
    select reason ->> 'code' as code, count(*)::int as count
    from connection_health join sso_connections on id = connection_id,
      jsonb_array_elements(reasons) as reason
    where status in ('active', 'suspended') and reasons <> '[]' group by 1`);
  return new Map(rows.map((row) => [row["code"] as AttentionCode, Number(row["count"])]));
}
