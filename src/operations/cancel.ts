import { cancelUnproved } from "../db/provision-requests/cancel-request.ts";
import { type Stopped, stopOperation } from "../db/connection-operations/end-run.ts";
import { findWork } from "../db/find-work.ts";
import { CodedError } from "../domain/coded-error.ts";
import { isOperationId, type Work, type WorkId } from "../domain/work.ts";
import type { OperationsContext } from "./context.ts";

/** Who stops something by hand: an operator, who says why, or an owner or admin of its organization. */
type Canceller =
  | { readonly kind: "operator"; readonly name: string; readonly reason: string }
  | { readonly kind: "user"; readonly id: string };

/**
 * Ends an open click or operation as `failed`, with a code that says who stopped it, and asks its run to stop and undo.
 * The fence closes first, so while Temporal is away (`isTold` is false then) nothing more is written, and the reconciler
 * passes the order on.
 * @throws {CodedError} not_found, already_final
 */
export async function cancel({
  ctx,
  input,
}: {
  ctx: OperationsContext;
  input: { readonly id: WorkId; readonly by: Canceller };
}): Promise<{ work: Work; isTold: boolean }> {
  const { id, by } = input;
  const stop = stopOf(by);
  const request = isOperationId(id) ? undefined : await cancelUnproved(ctx.database, id, stop);
  if (request) return { work: { request, operation: undefined }, isTold: true };
  const found = await findWork(ctx.database, id);
  if (!found) throw new CodedError("not_found");
  if (!found.operation) throw new CodedError("already_final");
  const operation = await stopOperation(ctx.database, found.operation.id, stop);
  const isTold =
    operation.workflowId === null ||
    (await ctx.runs.cancel(operation).then(
      () => true,
      () => false,
    ));
  return { work: (await findWork(ctx.database, id)) ?? { request: undefined, operation }, isTold };
}

function stopOf(by: Canceller): {
  code: "cancelled_by_operator" | "cancelled_by_organization";
  stopped: Stopped;
} {
  return by.kind === "operator"
    ? {
        code: "cancelled_by_operator",
        stopped: { actor: `operator:${by.name}`, reason: by.reason },
      }
    : { code: "cancelled_by_organization", stopped: { actor: `user:${by.id}` } };
}
