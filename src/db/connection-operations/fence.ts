import { and, eq } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { CodedError } from "../../domain/coded-error.ts";
import type { ConnectionOperation, FencedRun } from "../../domain/connection-operation.ts";
import type { OperationKind } from "../../domain/operation-kinds.ts";
import type { Database } from "../client.ts";
import type { Queries } from "../queries.ts";
import { toOperation } from "../rows.ts";
import { connectionOperations } from "../schema.ts";

/** One generation of one operation, whatever its status, for the workflow and the sso origin that the row names. */
export const ofGeneration = (run: FencedRun) =>
  and(
    eq(connectionOperations.id, run.operationId),
    eq(connectionOperations.generation, run.generation),
    eq(connectionOperations.workflowId, run.workflowId),
    eq(connectionOperations.ssoOrigin, run.ssoOrigin),
  );

/** The fence: the row is in the hands of exactly this generation's run. */
export const isCurrent = (run: FencedRun) =>
  and(ofGeneration(run), eq(connectionOperations.status, "running"));

const notCurrent = (run: FencedRun) =>
  new CodedError("run_not_current", `${run.operationId} generation ${run.generation}`);

/**
 * `kind`: for a step that only one kind of operation takes.
 * @throws {CodedError} run_not_current when the operation has ended, another generation has taken over, or the row names
 * another workflow
 */
export async function requireCurrentRun(
  database: Database,
  run: FencedRun,
  kind?: OperationKind,
): Promise<ConnectionOperation> {
  const ofKind = kind && eq(connectionOperations.kind, kind);
  const rows = await database.run((q) =>
    q
      .select()
      .from(connectionOperations)
      .where(and(isCurrent(run), ofKind)),
  );
  if (!rows[0]) throw notCurrent(run);
  return toOperation(rows[0]);
}

/** The row of a generation whatever its status, for what comes after the end. */
export async function findGeneration(
  database: Database,
  run: FencedRun,
): Promise<ConnectionOperation | undefined> {
  const rows = await database.run((q) => q.select().from(connectionOperations).where(ofGeneration(run)));
  return rows[0] && toOperation(rows[0]);
}

/** The same, held until the transaction ends. */
export async function lockGeneration(q: Queries, run: FencedRun): Promise<ConnectionOperation | undefined> {
  const rows = await q.select().from(connectionOperations).where(ofGeneration(run)).for("update");
  return rows[0] && toOperation(rows[0]);
}

/** Writes behind the fence. @throws {CodedError} run_not_current */
export async function updateCurrent(
  q: Queries,
  run: FencedRun,
  values: PgUpdateSetSource<typeof connectionOperations>,
): Promise<ConnectionOperation> {
  const rows = await q.update(connectionOperations).set(values).where(isCurrent(run)).returning();
  if (!rows[0]) throw notCurrent(run);
  return toOperation(rows[0]);
}
