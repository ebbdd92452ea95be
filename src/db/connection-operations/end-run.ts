import { and, eq, inArray, sql } from "drizzle-orm";
import type { Actor } from "../../domain/actor.ts";
import { CodedError } from "../../domain/coded-error.ts";
import {
  type CleanupState,
  type ConnectionOperation,
  type FencedRun,
  inHandStatuses,
  isInHand,
} from "../../domain/connection-operation.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { OperationId } from "../../domain/ids.ts";
import type { MicrosoftReference } from "../../domain/microsoft-codes.ts";
import { factsOfKind } from "../../domain/operation-kinds.ts";
import type { RecordedOutcome } from "../../domain/provision-activities.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import type { Queries } from "../queries.ts";
import { tellClick } from "../provision-requests/tell-click.ts";
import { toOperation } from "../rows.ts";
import { connectionOperations, ssoConnections } from "../schema.ts";
import { lookSoon, mendHealth } from "../connection-health.ts";
import { type ConnectionFacts, writeConnection } from "../write-connection.ts";
import { lockGeneration, ofGeneration, updateCurrent } from "./fence.ts";
import { firstSettle } from "./settle.ts";

/**
 * One transaction: the active connection, `running → succeeded`, the click's outcome, the audit event. `factsOf` judges
 * the row and says what is written; what it throws leaves everything as it was. When this generation has succeeded
 * already (its answer was lost) nothing is written and the row is returned.
 */
export async function completeRun(
  database: Database,
  run: FencedRun,
  factsOf: (operation: ConnectionOperation) => ConnectionFacts,
): Promise<ConnectionOperation> {
  return database.transaction(async (q) => {
    const locked = await lockGeneration(q, run);
    if (locked?.status === "succeeded") return locked;
    const operation = await updateCurrent(q, run, {
      status: "succeeded",
      completedAt: sql`now()`,
      settleDueAt: firstSettle,
    });
    const { created } = await writeConnection(q, operation, factsOf(operation));
    if (!created && factsOfKind(operation.kind).mends)
      await mendHealth(q, { ...operation, id: operation.connectionId });
    await tellClick(q, operation);
    await appendAuditEvent(q, {
      actor: "system",
      action: "succeeded",
      operation,
      detail: { connection: operation.connectionId, kind: operation.kind, created },
    });
    return operation;
  });
}

/** Who stopped an operation by hand. */
export interface Stopped {
  readonly actor: Actor;
  readonly reason?: string;
}

interface Failure {
  readonly code: ErrorCode;
  readonly microsoft?: MicrosoftReference | undefined;
  readonly stopped?: Stopped;
}

/**
 * `running → failed`, closing the fence before anything is undone. Finds `succeeded` when the upsert had committed and
 * its answer was lost; a second call finds `failed`.
 */
export async function failRun(
  database: Database,
  run: FencedRun,
  failure: Failure,
): Promise<RecordedOutcome> {
  return database.transaction(async (q) => {
    const operation = await lockGeneration(q, run);
    switch (operation?.status) {
      case "succeeded":
        return { kind: "succeeded", connectionId: operation.connectionId };
      case "failed":
        return failedOutcome(operation.errorCode, operation);
      case "running":
        return failedOutcome(failure.code, await failLocked(q, operation, failure));
      default:
        return { kind: "stale" };
    }
  });
}

/**
 * Ends an operation that waits or runs, at somebody's order; its workflow is to be cancelled after this, so that it
 * undoes what it made.
 * @throws {CodedError} not_found, already_final
 */
export async function stopOperation(
  database: Database,
  id: OperationId,
  failure: Failure & { readonly stopped: Stopped },
): Promise<ConnectionOperation> {
  return database.transaction(async (q) => {
    const rows = await q
      .select()
      .from(connectionOperations)
      .where(eq(connectionOperations.id, id))
      .for("update");
    const operation = rows[0] && toOperation(rows[0]);
    if (!operation) throw new CodedError("not_found");
    if (!isInHand(operation.status)) throw new CodedError("already_final");
    return failLocked(q, operation, failure);
  });
}

/** Records how the undo ended. Repeat: no change, no second event. */
export async function recordCleanup(
  database: Database,
  run: FencedRun,
  cleanup: "done" | "needs_operator",
): Promise<void> {
  await database.transaction(async (q) => {
    const rows = await q
      .update(connectionOperations)
      .set({ cleanup, settleDueAt: cleanup === "done" ? firstSettle : null })
      .where(and(ofGeneration(run), eq(connectionOperations.cleanup, "pending")))
      .returning();
    if (!rows[0]) return;
    const operation = toOperation(rows[0]);
    await tellClick(q, operation);
    await appendAuditEvent(q, {
      actor: "system",
      action: cleanup === "done" ? "cleaned_up" : "cleanup_needs_operator",
      operation,
    });
  });
}

/** `waiting` or `running → failed`, in a transaction that holds the operation or its connection. */
export async function failLocked(
  q: Queries,
  operation: ConnectionOperation,
  { code, microsoft, stopped }: Failure,
): Promise<ConnectionOperation> {
  const rows = await q
    .update(connectionOperations)
    .set({
      status: "failed",
      errorCode: code,
      errorMicrosoft: microsoft ?? null,
      cleanup: cleanupAfter(operation),
      completedAt: sql`now()`,
    })
    .where(
      and(
        eq(connectionOperations.id, operation.id),
        inArray(connectionOperations.status, [...inHandStatuses]),
      ),
    )
    .returning();
  const failed = toOperation(rows[0] as NonNullable<(typeof rows)[0]>);
  const { failureKeptAs } = factsOfKind(failed.kind);
  if (failureKeptAs)
    await q
      .update(ssoConnections)
      .set({ [failureKeptAs]: code })
      .where(eq(ssoConnections.id, failed.connectionId));
  // Microsoft may have taken what failed here.
  if (failureKeptAs === "accessErrorCode") await lookSoon(q, failed.connectionId);
  await tellClick(q, failed);
  await appendAuditEvent(q, {
    actor: stopped?.actor ?? "system",
    action: stopped === undefined ? "failed" : "cancelled",
    operation: failed,
    detail: {
      code,
      kind: failed.kind,
      ...(stopped?.reason === undefined ? {} : { reason: stopped.reason }),
    },
  });
  return failed;
}

function cleanupAfter(operation: ConnectionOperation): CleanupState {
  if (factsOfKind(operation.kind).isCleanUp) return "needs_operator";
  const mayHaveLeftSomething =
    operation.createIntentAt !== null ||
    (operation.application !== null && !operation.adopted) ||
    operation.credentialAttempt > 0;
  return mayHaveLeftSomething ? "pending" : "none";
}

function failedOutcome(code: ErrorCode, { cleanup }: ConnectionOperation): RecordedOutcome {
  return { kind: "failed", code, cleanup: cleanup === "pending" ? "pending" : "none" };
}
