import { readAuditStrays } from "../../db/audit-strays.ts";
import type { Database } from "../../db/client.ts";
import { type Finding, pass, warn } from "./check.ts";

/** Each row of the audit trail lies in the partition of its month, so that months can be dropped whole. */
export async function checkAudit(database: Database): Promise<Finding> {
  const { rows, since } = await readAuditStrays(database);
  if (since === null) return pass("every row of the audit trail lies in the partition of its month");
  return warn(
    `${rows} rows of the audit trail lie in the default partition, since ${since.toISOString().slice(0, 7)}: nothing of those months can be dropped`,
    'file them as the tables\' owner by the statements in docs/deploy.md, "Retention", and keep a worker running: it makes the months ahead',
  );
}
