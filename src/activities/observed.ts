import { Context } from "@temporalio/activity";
import { ApplicationFailure } from "@temporalio/common";
import { isErrorCode } from "../domain/error-codes.ts";
import type { Telemetry } from "../domain/telemetry.ts";

/** Lets each attempt of an activity be seen; put around what turns its errors into failures with a code. */
export function observed<I, O>(
  telemetry: Telemetry,
  activity: (input: I) => Promise<O>,
): (input: I) => Promise<O> {
  return (input) => {
    const { activityType, attempt, workflowExecution } = Context.current().info;
    const workflowId = plain(workflowExecution?.workflowId);
    const ids = { workflow_id: workflowId, provision_id: provisionOf(workflowId) };
    const fields = { attempt };
    return telemetry.around({ kind: "activity", name: activityType, ids }, async (end) => {
      try {
        const result = await activity(input);
        end("ok", fields);
        return result;
      } catch (error) {
        const type = error instanceof ApplicationFailure ? error.type : undefined;
        end(isErrorCode(type) ? type : "internal", fields);
        throw error;
      }
    });
  };
}

/** The row's id, as operators give it to `show`. */
function provisionOf(workflowId: string | undefined): string | undefined {
  return /^ms-[a-z]+-(\w+)$/.exec(workflowId ?? "")?.[1];
}

/** Whoever may start workflows chooses their ids; ours are of this shape. */
function plain(workflowId: string | undefined): string | undefined {
  return workflowId !== undefined && /^[\w.:-]{1,100}$/.test(workflowId) ? workflowId : undefined;
}
