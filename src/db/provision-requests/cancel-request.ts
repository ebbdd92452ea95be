import { and, eq, inArray, sql } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import type { ProvisionRequestId } from "../../domain/ids.ts";
import { workflowIdOf } from "../../domain/provision-contract.ts";
import { isFinal, type ProvisionRequest } from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";
import { findRequest } from "./find-request.ts";
import { failRun } from "./run.ts";

/**
 * Ends an open request as `failed` with `cancelled_by_operator`. A run that is under way finds the fence closed; its
 * workflow is to be cancelled after this, so that it undoes what it made.
 * @throws {CodedError} not_found, already_final
 */
export async function cancelRequest(
  database: Database,
  id: ProvisionRequestId,
  operator: { name: string; reason: string },
): Promise<ProvisionRequest> {
  const code = "cancelled_by_operator";
  const before = await database.transaction(async (q) => {
    const rows = await q
      .update(provisionRequests)
      .set({ status: "failed", errorCode: code, completedAt: sql`now()` })
      .where(
        and(
          eq(provisionRequests.id, id),
          inArray(provisionRequests.status, ["issued", "consented", "unconfirmed", "proved"]),
        ),
      )
      .returning();
    const request = rows[0] && toRequest(rows[0]);
    if (request)
      await appendAuditEvent(q, {
        actor: `operator:${operator.name}`,
        action: "cancelled",
        request,
        detail: { code, reason: operator.reason },
      });
    return request;
  });
  if (before) return before;
  const running = await findRequest(database, id);
  if (!running) throw new CodedError("not_found");
  if (isFinal(running.status)) throw new CodedError("already_final");
  const outcome = await failRun(
    database,
    {
      requestId: id,
      generation: running.generation,
      workflowId: running.workflowId ?? workflowIdOf(id),
      ssoOrigin: running.ssoOrigin ?? "",
    },
    { code, operator },
  );
  // It ended between the look and the lock.
  if (outcome.kind !== "failed" || outcome.code !== code) throw new CodedError("already_final");
  return (await findRequest(database, id)) ?? running;
}
