import { and, eq, inArray, sql } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import type { ProvisionRequestId } from "../../domain/ids.ts";
import { workflowIdOf } from "../../domain/provision-contract.ts";
import { isFinal, type ProvisionRequest, unprovedStatuses } from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";
import { findRequest } from "./find-request.ts";
import { failRun, type Stopped } from "./run.ts";

/** Who stops an attempt by hand: an operator, who says why, or an owner or admin of its organization. */
export type Canceller =
  | { readonly kind: "operator"; readonly name: string; readonly reason: string }
  | { readonly kind: "user"; readonly id: string };

/**
 * Ends an open request as `failed` with a code that says who stopped it. A run that is under way finds the fence closed;
 * its workflow is to be cancelled after this, so that it undoes what it made.
 * @throws {CodedError} not_found, already_final
 */
export async function cancelRequest(
  database: Database,
  id: ProvisionRequestId,
  by: Canceller,
): Promise<ProvisionRequest> {
  const code = by.kind === "operator" ? "cancelled_by_operator" : "cancelled_by_organization";
  const stopped: Stopped =
    by.kind === "operator" ? { actor: `operator:${by.name}`, reason: by.reason } : { actor: `user:${by.id}` };
  const before = await database.transaction(async (q) => {
    const rows = await q
      .update(provisionRequests)
      .set({ status: "failed", errorCode: code, completedAt: sql`now()` })
      .where(
        and(eq(provisionRequests.id, id), inArray(provisionRequests.status, [...unprovedStatuses, "proved"])),
      )
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
    { code, stopped },
  );
  // It ended between the look and the lock.
  if (outcome.kind !== "failed" || outcome.code !== code) throw new CodedError("already_final");
  return (await findRequest(database, id)) ?? running;
}
