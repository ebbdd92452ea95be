import type { OperationRef } from "../../domain/connection-operation.ts";
import { factsOfKind, type OperationKind } from "../../domain/operation-kinds.ts";
import type { StepProgress } from "../../domain/provision-contract.ts";
import { operationRefOf, type ProvisionRequest } from "../../domain/provision-request.ts";
import type { ApiDeps } from "../deps.ts";

/** Of what a click led to; those of its kind, all pending, before it led to anything. */
export async function stepsOf(deps: ApiDeps, request: ProvisionRequest): Promise<readonly StepProgress[]> {
  const ref = operationRefOf(request);
  return ref ? stepsOfOperation(deps, { ...ref, status: request.status }) : unknownSteps(request.intent);
}

/** All pending while Temporal does not tell. */
export async function stepsOfOperation(
  deps: Pick<ApiDeps, "watcher">,
  operation: OperationRef & { readonly status: string },
): Promise<readonly StepProgress[]> {
  try {
    const steps = await deps.watcher.steps(operation);
    if (steps.length === 0) return unknownSteps(operation.kind);
    // The row is told of the end before Temporal's history is.
    return operation.status === "succeeded" ? steps.map((step) => ({ ...step, state: "done" })) : steps;
  } catch {
    return unknownSteps(operation.kind);
  }
}

const unknownSteps = (kind: OperationKind): StepProgress[] =>
  factsOfKind(kind).steps.map((name) => ({ name, state: "pending", attempts: 0 }));
