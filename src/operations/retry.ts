import { type RetryOrder, retryOperation } from "../db/connection-operations/retry-operation.ts";
import { findWork } from "../db/find-work.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ConnectionOperation } from "../domain/connection-operation.ts";
import type { WorkId } from "../domain/work.ts";
import type { OperationsContext } from "./context.ts";

/**
 * Puts a failed operation back to work as the next generation. The order is recorded first: an earlier run that is just
 * closing, or Temporal being away, leaves the start to the reconciler (`isStarted` is false then).
 * @throws {CodedError} not_found, not_failed, cleanup_in_progress, cleanup_needs_operator, newer_request_exists,
 * another_directory, proof_expired, restore_window_over
 */
export async function retry({
  ctx,
  input,
}: {
  ctx: OperationsContext;
  input: { readonly id: WorkId; readonly order: RetryOrder };
}): Promise<{ operation: ConnectionOperation; isStarted: boolean }> {
  const found = await findWork(ctx.database, input.id);
  if (!found) throw new CodedError("not_found");
  if (!found.operation) throw new CodedError("not_failed");
  const operation = await retryOperation(ctx.database, found.operation.id, input.order);
  return { operation, isStarted: await ctx.runs.start(operation).catch(() => false) };
}
