import { beginRun } from "../db/connection-operations/begin-run.ts";
import type { ConnectionOperation, OperationRef } from "../domain/connection-operation.ts";
import type { Logger } from "../domain/logger.ts";
import { operationRefOf, type ProvisionRequest } from "../domain/provision-request.ts";
import type { OperationsContext } from "./context.ts";

type RunContext = Pick<OperationsContext, "database" | "runs"> & { readonly log: Logger };

/**
 * Begins what a proved click led to: commits `waiting → running`, then starts the run. When Temporal is away the
 * reconciler starts it later. Repeat, or while the tenant has no free place: nothing happens.
 */
export async function drive({
  ctx,
  input,
}: {
  ctx: RunContext;
  input: { readonly request: ProvisionRequest };
}): Promise<void> {
  const ref = operationRefOf(input.request);
  if (ref) await startRun(ctx, ref);
}

/** The same for an operation; gives it as it stands then. */
export async function startRun<T extends OperationRef>(
  { database, runs, log }: RunContext,
  waiting: T,
): Promise<T | ConnectionOperation> {
  const operation = await beginRun(database, waiting);
  if (!operation) return waiting;
  try {
    await runs.start(operation);
  } catch (error) {
    log.warn("Temporal did not take the start; the reconciler will", {
      ...logFieldsOf(operation),
      reason: (error as Error).name,
    });
  }
  return operation;
}

/** How log lines name an operation. */
export function logFieldsOf({
  id,
  requestId,
  kind,
  generation,
}: ConnectionOperation): Readonly<Record<string, string | number>> {
  return { operation_id: id, ...(requestId === null ? {} : { provision_id: requestId }), kind, generation };
}
