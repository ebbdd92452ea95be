import { beginProvisioning } from "../db/provision-requests/run.ts";
import type { Logger } from "../domain/logger.ts";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import type { OperationsContext } from "./context.ts";

/**
 * Commits `proved → provisioning`, then starts the run. When Temporal is away the reconciler starts it later. Repeat,
 * or while the tenant has no free place: nothing happens.
 */
export async function drive({
  ctx,
  input,
}: {
  ctx: OperationsContext & { readonly log: Logger };
  input: { readonly request: ProvisionRequest };
}): Promise<void> {
  const { database, runs, log } = ctx;
  const { request } = input;
  if (!(await beginProvisioning(database, request.id))) return;
  try {
    await runs.start(request);
  } catch (error) {
    log.warn("Temporal did not take the start; the reconciler will", {
      request_id: request.id,
      reason: (error as Error).name,
    });
  }
}
