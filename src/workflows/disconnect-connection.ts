import { isCancellation } from "@temporalio/workflow";
import type { RunRef } from "../domain/connection-operation.ts";
import type { ConnectionId } from "../domain/ids.ts";
import { provisionActivities } from "./activity-options.ts";
import { recordedRun } from "./recorded-run.ts";

const activities = provisionActivities();

/**
 * Removes what a disconnected connection has at Microsoft. Here it is over already, so nothing that Microsoft says makes
 * it fail: what could not be removed is listed for a person.
 */
export async function disconnectConnection(run: RunRef): Promise<{ connectionId: ConnectionId }> {
  return recordedRun(run, "disconnect", activities, async (begin) => {
    begin("removeApplication");
    const isRemoved = await activities.removeApplication(run).then(
      () => true,
      (error: unknown) => {
        if (isCancellation(error)) throw error;
        return false;
      },
    );
    begin("recordDisconnected");
    const { connectionId } = await activities.recordDisconnected({ ...run, isRemoved });
    return { connectionId, mayLeaveCredentials: false };
  });
}
