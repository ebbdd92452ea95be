import { and, eq, gt, inArray, ne } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import {
  type ConnectionOperation,
  inHandStatuses,
  workflowIdOf,
  type AccessChoice,
} from "../../domain/connection-operation.ts";
import type { OperationId } from "../../domain/ids.ts";
import { factsOfKind, kindsThat } from "../../domain/operation-kinds.ts";
import { proofLifetimeMs } from "../../domain/provision-request.ts";
import { restorableUntil } from "../../domain/sso-connection.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import type { Queries } from "../queries.ts";
import { DatabaseError } from "../database-error.ts";
import { judgeProved } from "../provision-requests/begin-operation.ts";
import { tellClick } from "../provision-requests/tell-click.ts";
import { judgeRelease } from "../release-rule.ts";
import { toConnection, toOperation, toRequest } from "../rows.ts";
import { connectionOperations, provisionRequests, ssoConnections } from "../schema.ts";
import { findInHand, giveWay, holdDirectory, holdKey } from "./in-hand.ts";

export interface RetryOrder {
  readonly operator: string;
  readonly reason: string;
  readonly access?: AccessChoice | undefined;
  readonly secretLifetimeDays?: number | undefined;
}

/** What a run knew of its predecessor's objects is cleared: they are gone. */
const anew = {
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
} as const;

const inHandConstraints = ["connection_operations_one_in_hand", "connection_operations_one_of_connection"];

/**
 * Raises the generation of a failed operation in one transaction and puts it back to `running`; the caller then starts
 * the run. Two calls at once: one wins, the other meets `not_failed`.
 * @throws {CodedError} not_found, not_failed, cleanup_in_progress, cleanup_needs_operator, newer_request_exists, proof_expired,
 *   directory_differs, another_directory, connection_suspended (connected or suspended meanwhile), restore_window_over,
 *   directory_in_use, operation_in_progress (of a release, or while one is in hand)
 */
export async function retryOperation(
  database: Database,
  id: OperationId,
  order: RetryOrder,
): Promise<ConnectionOperation> {
  try {
    return await database.transaction(async (q) => {
      const operation = await requireRetriable(q, id);
      const { orgId, entraTenantId } = operation;
      await refuseOvertaken(q, operation);
      if (operation.requestId !== null) await refuseClick(q, operation);
      if (operation.kind === "restore") await refuseRestore(q, operation);
      if (operation.kind === "release") await refuseRelease(q, operation);
      await holdKey(q, { orgId, entraTenantId });
      if ((await findInHand(q, { orgId, entraTenantId }))?.kind === "release")
        throw new CodedError("operation_in_progress");
      if (!factsOfKind(operation.kind).givesWayToClick) await giveWay(q, { orgId, entraTenantId }, id);
      const updated = await q
        .update(connectionOperations)
        .set({
          ...anew,
          ...(await ownApplication(q, operation)),
          status: "running",
          generation: operation.generation + 1,
          workflowId: workflowIdOf(operation),
          access: order.access ?? operation.access,
          secretLifetimeDays: order.secretLifetimeDays ?? operation.secretLifetimeDays,
        })
        .where(eq(connectionOperations.id, id))
        .returning();
      const retried = toOperation(updated[0] as NonNullable<(typeof updated)[0]>);
      await tellClick(q, retried);
      await appendAuditEvent(q, {
        actor: `operator:${order.operator}`,
        action: "retried",
        operation: retried,
        detail: { reason: order.reason },
      });
      return retried;
    });
  } catch (error) {
    // Another one of the same organization and tenant, or connection, may be in hand; the partial unique indexes know.
    if (error instanceof DatabaseError && inHandConstraints.includes(error.constraint ?? ""))
      throw new CodedError("newer_request_exists");
    throw error;
  }
}

async function requireRetriable(q: Queries, id: OperationId): Promise<ConnectionOperation> {
  const rows = await q
    .select()
    .from(connectionOperations)
    .where(eq(connectionOperations.id, id))
    .for("update");
  const operation = rows[0] && toOperation(rows[0]);
  if (!operation) throw new CodedError("not_found");
  if (operation.status !== "failed") throw new CodedError("not_failed");
  if (operation.cleanup === "pending") throw new CodedError("cleanup_in_progress");
  if (operation.cleanup === "needs_operator" && !factsOfKind(operation.kind).isCleanUp)
    throw new CodedError("cleanup_needs_operator");
  return operation;
}

/** What is done without a click works on the connection's application, which was there before: no undo may take it. */
async function ownApplication(q: Queries, { requestId, connectionId }: ConnectionOperation) {
  if (requestId !== null) return {};
  const { appObjectId, appId, servicePrincipalId } = ssoConnections;
  const [ids] = await q
    .select({ appObjectId, appId, servicePrincipalId })
    .from(ssoConnections)
    .where(eq(ssoConnections.id, connectionId));
  return ids ? { ...ids, adopted: true } : {};
}

/** What a click was to repair, nothing that gives way to clicks does: it counts only for its like. */
async function refuseOvertaken(q: Queries, operation: ConnectionOperation): Promise<void> {
  const isClick = !factsOfKind(operation.kind).givesWayToClick;
  const newer = await q
    .select({ id: connectionOperations.id, requestId: connectionOperations.requestId })
    .from(connectionOperations)
    .where(
      and(
        eq(connectionOperations.orgId, operation.orgId),
        eq(connectionOperations.entraTenantId, operation.entraTenantId),
        ne(connectionOperations.id, operation.id),
        inArray(connectionOperations.status, [...inHandStatuses, "succeeded"]),
        gt(connectionOperations.createdAt, operation.createdAt),
        isClick
          ? inArray(
              connectionOperations.kind,
              kindsThat(({ givesWayToClick }) => !givesWayToClick),
            )
          : undefined,
      ),
    );
  if (newer[0]) throw new CodedError("newer_request_exists", newer[0].requestId ?? newer[0].id);
}

/** A click carries a retry as long as its proof is fresh and its directory is one that it may lead to. */
async function refuseClick(q: Queries, operation: ConnectionOperation): Promise<void> {
  const rows = await q
    .select()
    .from(provisionRequests)
    .where(eq(provisionRequests.operationId, operation.id));
  const click = rows[0] && toRequest(rows[0]);
  if (!click) return;
  if (Date.now() - (click.provedAt?.getTime() ?? 0) > proofLifetimeMs) throw new CodedError("proof_expired");
  const refusal = await judgeProved(q, click, operation.entraTenantId);
  if (refusal) throw new CodedError(refusal);
}

/** What could not be restored in time is gone at Microsoft. */
async function refuseRestore(q: Queries, { connectionId }: ConnectionOperation): Promise<void> {
  const rows = await q.select().from(ssoConnections).where(eq(ssoConnections.id, connectionId));
  if (rows[0] && restorableUntil(toConnection(rows[0])) < new Date())
    throw new CodedError("restore_window_over");
}

/** Others may have begun something in that directory since, and what this organization has under way must end first. */
async function refuseRelease(
  q: Queries,
  { id: operationId, orgId, entraTenantId }: ConnectionOperation,
): Promise<void> {
  await holdDirectory(q, entraTenantId);
  const refusal = await judgeRelease(q, { orgId, entraTenantId, operationId });
  if (refusal) throw new CodedError(refusal);
}
