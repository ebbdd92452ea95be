import type postgres from "postgres";

/** What is looked at beside the operations, at any time: none of it is an operation's to write. */
const lookedAt = ["entra_domain", "domain_looked_at"] as const;

/** Connections of an organization as operations left them, to compare before with after. */
export async function connectionRows(sql: postgres.Sql, org: string): Promise<Record<string, unknown>[]> {
  const rows = await sql`select * from sso_connections where org_id = ${org} order by created_at`;
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !lookedAt.some((one) => one === name))),
  );
}
