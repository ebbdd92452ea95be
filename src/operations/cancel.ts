import { cancelRequest, type Canceller } from "../db/provision-requests/cancel-request.ts";
import type { ProvisionRequestId } from "../domain/ids.ts";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import type { OperationsContext } from "./context.ts";

/**
 * Ends an open request and asks its run to stop and undo. The fence closes first, so while Temporal is away (`isTold`
 * is false then) nothing more is written, and the reconciler passes the order on.
 * @throws {CodedError} not_found, already_final
 */
export async function cancel({
  ctx,
  input,
}: {
  ctx: OperationsContext;
  input: { readonly id: ProvisionRequestId; readonly by: Canceller };
}): Promise<{ request: ProvisionRequest; isTold: boolean }> {
  const request = await cancelRequest(ctx.database, input.id, input.by);
  if (request.workflowId === null) return { request, isTold: true };
  const isTold = await ctx.runs.cancel(request).then(
    () => true,
    () => false,
  );
  return { request, isTold };
}
