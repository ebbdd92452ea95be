import { Context } from "@temporalio/activity";
import { CodedError } from "../domain/coded-error.ts";
import type {
  ConnectionOperation,
  FencedRun,
  RunRef,
  ApplicationIds,
} from "../domain/connection-operation.ts";
import type { ProvisionActivities } from "../domain/provision-activities.ts";

/** A step of a run: what the workflow gave it, and the run that Temporal says it is in. */
export type Step<Name extends keyof ProvisionActivities> = (
  input: Parameters<ProvisionActivities[Name]>[0],
  run: FencedRun,
) => ReturnType<ProvisionActivities[Name]>;

/**
 * Ties a step to the workflow execution that scheduled it. Anybody who may start workflows or activities can name any
 * operation in an input; under which workflow id they run is what the server says.
 */
export function fenced<I extends RunRef, O>(
  ssoOrigin: string,
  step: (input: I, run: FencedRun) => Promise<O>,
): (input: I) => Promise<O> {
  return async (input) => {
    const { operationId, generation } = input;
    return step(input, { operationId, generation, workflowId: requireWorkflow(), ssoOrigin });
  };
}

/** The id of the workflow that scheduled this activity. @throws {CodedError} run_not_current for one that stands alone */
export function requireWorkflow(): string {
  const { workflowExecution } = Context.current().info;
  if (workflowExecution === undefined) throw new CodedError("run_not_current", "no workflow runs this step");
  return workflowExecution.workflowId;
}

/** The application that the row names. @throws {CodedError} internal when no step has recorded one yet */
export function applicationOf({ application }: ConnectionOperation): ApplicationIds {
  if (application === null) throw new CodedError("internal", "the operation names no application yet");
  return application;
}
