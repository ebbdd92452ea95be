import { and, eq, inArray, sql } from "drizzle-orm";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { ProvisionRequestId } from "../../domain/ids.ts";
import { type ProvisionRequest, unprovedStatuses } from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import type { Stopped } from "../connection-operations/end-run.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";

/**
 * Ends a click that was not proved yet as `failed` with a code that says who stopped it; its state is burned. Undefined
 * when it was further on, or is not there.
 */
export async function cancelUnproved(
  database: Database,
  id: ProvisionRequestId,
  { code, stopped }: { code: ErrorCode; stopped: Stopped },
): Promise<ProvisionRequest | undefined> {
  return database.transaction(async (q) => {
    const rows = await q
      .update(provisionRequests)
      .set({ status: "failed", errorCode: code, completedAt: sql`now()` })
      .where(and(eq(provisionRequests.id, id), inArray(provisionRequests.status, [...unprovedStatuses])))
      .returning();
    const request = rows[0] && toRequest(rows[0]);
    if (request)
      await appendAuditEvent(q, {
        actor: stopped.actor,
        action: "cancelled",
        request,
        detail: { code, ...(stopped.reason === undefined ? {} : { reason: stopped.reason }) },
      });
    return request;
  });
}
