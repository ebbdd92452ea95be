import { type RetryOrder, retryRequest } from "../db/provision-requests/retry-request.ts";
import type { ProvisionRequestId } from "../domain/ids.ts";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import type { OperationsContext } from "./context.ts";

/**
 * Puts a failed request back to work as the next generation. The order is recorded first: an earlier run that is just
 * closing, or Temporal being away, leaves the start to the reconciler (`isStarted` is false then).
 * @throws {CodedError} not_found, not_failed, cleanup_in_progress, cleanup_needs_operator, newer_request_exists,
 * another_directory, proof_expired
 */
export async function retry({
  ctx,
  input,
}: {
  ctx: OperationsContext;
  input: { readonly id: ProvisionRequestId; readonly order: RetryOrder };
}): Promise<{ request: ProvisionRequest; isStarted: boolean }> {
  const request = await retryRequest(ctx.database, input.id, input.order);
  return { request, isStarted: await ctx.runs.start(request).catch(() => false) };
}
