import type { Work } from "../../domain/work.ts";
import type { ConnectionOperation } from "../../domain/connection-operation.ts";
import type { StepProgress } from "../../domain/provision-contract.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import type { ApiDeps } from "../deps.ts";
import { failureView } from "./failure-view.ts";
import type { OperationView, ProvisionView, StepView } from "./provision.schema.ts";
import { stepsOf, stepsOfOperation } from "./steps-of.ts";

/** A click as its organization sees it, or an operation that no click led to. Reads the row given, asks Temporal for the steps. */
export async function workProgress(
  deps: ApiDeps,
  { request, operation }: Work,
): Promise<ProvisionView | OperationView> {
  return request ? requestView(deps, request) : operationView(deps, operation);
}

/** Status as people see it. Steps fall back to "pending" while Temporal is away. */
export async function requestView(deps: ApiDeps, request: ProvisionRequest): Promise<ProvisionView> {
  return {
    id: request.id,
    status: request.status,
    cleanup: request.cleanup,
    ...(request.status === "succeeded" && request.connectionId
      ? { connection_id: request.connectionId }
      : {}),
    steps: (await stepsOf(deps, request)).map(stepView),
    ...(request.errorCode === null ? {} : { error: await failureView(deps, request, request.errorCode) }),
  };
}

async function operationView(deps: ApiDeps, operation: ConnectionOperation): Promise<OperationView> {
  const { id, kind, status, cleanup, connectionId, errorCode } = operation;
  const failed = { ...operation, wantedConnectionId: null, binding: "cookie" as const };
  return {
    id,
    kind,
    status,
    cleanup,
    connection_id: connectionId,
    steps: (await stepsOfOperation(deps, operation)).map(stepView),
    ...(errorCode === null ? {} : { error: await failureView(deps, failed, errorCode) }),
  };
}

function stepView({ startedAt, endedAt, ...step }: StepProgress): StepView {
  return {
    ...step,
    ...(startedAt ? { started_at: startedAt } : {}),
    ...(endedAt ? { ended_at: endedAt } : {}),
  };
}
