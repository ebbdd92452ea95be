import type { ConnectionId } from "../domain/ids.ts";
import type { RunRef } from "../domain/connection-operation.ts";
import { provisionActivities } from "./activity-options.ts";
import { recordedRun } from "./recorded-run.ts";

const activities = provisionActivities();

/**
 * Changes who may sign in: at Microsoft first, then in the connection, so that the row never promises what is not so.
 * @throws {ApplicationFailure} whose type is the error code, after the failure was recorded
 */
export async function changeConnectionAccess(run: RunRef): Promise<{ connectionId: ConnectionId }> {
  return recordedRun(run, "change_access", activities, async (begin) => {
    begin("changeAccess");
    await activities.changeAccess(run);
    begin("recordAccess");
    const { connectionId } = await activities.recordAccess(run);
    return { connectionId, mayLeaveCredentials: false };
  });
}
