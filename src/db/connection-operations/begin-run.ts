import { and, eq, sql } from "drizzle-orm";
import {
  type ConnectionOperation,
  type OperationRef,
  workflowIdOf,
} from "../../domain/connection-operation.ts";
import { openRunsPerTenantMax } from "../../domain/limits.ts";
import type { Database } from "../client.ts";
import { isNotPaused } from "../pauses.ts";
import { tellClick } from "../provision-requests/tell-click.ts";
import { toOperation } from "../rows.ts";
import { connectionOperations } from "../schema.ts";

/**
 * `waiting → running`; the workflow is started after this commits. Undefined when another call was first, while
 * provisioning is paused, or when the tenant has as many runs open as it may: the reconciler asks again.
 */
export async function beginRun(
  database: Database,
  operation: OperationRef,
): Promise<ConnectionOperation | undefined> {
  return database.transaction(async (q) => {
    const rows = await q
      .update(connectionOperations)
      .set({ status: "running", workflowId: workflowIdOf(operation) })
      .where(
        and(
          eq(connectionOperations.id, operation.id),
          eq(connectionOperations.status, "waiting"),
          isNotPaused,
          sql`(select count(*) from connection_operations as other
            where other.entra_tenant_id = ${connectionOperations.entraTenantId}
              and other.status = 'running') < ${openRunsPerTenantMax}`,
        ),
      )
      .returning();
    const begun = rows[0] && toOperation(rows[0]);
    if (begun) await tellClick(q, begun);
    return begun;
  });
}
