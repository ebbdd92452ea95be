import { and, eq, gt, inArray, ne } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import type { ProvisionRequestId } from "../../domain/ids.ts";
import { type AccessChoice, proofLifetimeMs, type ProvisionRequest } from "../../domain/provision-request.ts";
import { workflowIdOf } from "../../domain/provision-contract.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { DatabaseError } from "../database-error.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";
import { judgeDirectory } from "./directory-rule.ts";
import { supersedeRenewal } from "./renewals.ts";

export interface RetryOrder {
  readonly operator: string;
  readonly reason: string;
  readonly access?: AccessChoice | undefined;
  readonly secretLifetimeDays?: number | undefined;
}

/**
 * Raises the generation of a failed request in one transaction and puts it back to `provisioning`; the caller then
 * starts the run. Two calls at once: one wins, the other meets `not_failed`.
 * @throws {CodedError} not_found, not_failed, cleanup_in_progress, cleanup_needs_operator, newer_request_exists, proof_expired,
 *   directory_differs, another_directory (connected meanwhile)
 */
export async function retryRequest(
  database: Database,
  id: ProvisionRequestId,
  order: RetryOrder,
): Promise<ProvisionRequest> {
  try {
    return await database.transaction(async (q) => {
      const rows = await q.select().from(provisionRequests).where(eq(provisionRequests.id, id)).for("update");
      const request = rows[0] && toRequest(rows[0]);
      if (!request) throw new CodedError("not_found");
      if (request.status !== "failed" || request.entraTenantId === null || request.provedAt === null)
        throw new CodedError("not_failed");
      if (request.cleanup === "pending") throw new CodedError("cleanup_in_progress");
      if (request.cleanup === "needs_operator") throw new CodedError("cleanup_needs_operator");
      // What a click was to repair, a renewal does not: it counts only for another renewal, and gives way to a click.
      const ofKind = request.kind === "connect" ? eq(provisionRequests.kind, "connect") : undefined;
      const newer = await q
        .select({ id: provisionRequests.id })
        .from(provisionRequests)
        .where(
          and(
            eq(provisionRequests.orgId, request.orgId),
            eq(provisionRequests.entraTenantId, request.entraTenantId),
            ne(provisionRequests.id, id),
            inArray(provisionRequests.status, ["proved", "provisioning", "succeeded"]),
            gt(provisionRequests.createdAt, request.createdAt),
            ofKind,
          ),
        );
      if (newer[0]) throw new CodedError("newer_request_exists", newer[0].id);
      if (Date.now() - request.provedAt.getTime() > proofLifetimeMs) throw new CodedError("proof_expired");
      const refusal = await judgeDirectory(q, request, request.entraTenantId);
      if (refusal) throw new CodedError(refusal);
      if (request.kind === "connect")
        await supersedeRenewal(q, { orgId: request.orgId, entraTenantId: request.entraTenantId }, id);
      const updated = await q
        .update(provisionRequests)
        .set({
          status: "provisioning",
          generation: request.generation + 1,
          workflowId: workflowIdOf(id),
          createIntentAt: null,
          createRefused: false,
          adopted: false,
          appObjectId: null,
          appId: null,
          servicePrincipalId: null,
          credentialAttempt: 0,
          usersConsented: false,
          cleanup: "none",
          errorCode: null,
          errorMicrosoft: null,
          completedAt: null,
          settleDueAt: null,
          access: order.access ?? request.access,
          secretLifetimeDays: order.secretLifetimeDays ?? request.secretLifetimeDays,
        })
        .where(eq(provisionRequests.id, id))
        .returning();
      const retried = toRequest(updated[0] as NonNullable<(typeof updated)[0]>);
      await appendAuditEvent(q, {
        actor: `operator:${order.operator}`,
        action: "retried",
        request: retried,
        detail: { reason: order.reason },
      });
      return retried;
    });
  } catch (error) {
    // An older request of the same organization and tenant may be in hand; the partial unique index knows.
    if (error instanceof DatabaseError && error.constraint === "ms_provision_requests_one_in_hand")
      throw new CodedError("newer_request_exists");
    throw error;
  }
}
