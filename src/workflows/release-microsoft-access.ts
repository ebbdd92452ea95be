import type { RunRef } from "../domain/connection-operation.ts";
import type { ConnectionId } from "../domain/ids.ts";
import { provisionActivities } from "./activity-options.ts";
import { recordedRun } from "./recorded-run.ts";

const activities = provisionActivities();

/**
 * Takes our own app out of the customer's directory; connections stay, and say that we reach nothing there any more.
 * @throws {ApplicationFailure} whose type is the error code, after the failure was recorded
 */
export async function releaseMicrosoftAccess(run: RunRef): Promise<{ connectionId: ConnectionId }> {
  return recordedRun(run, "release", activities, async (begin) => {
    begin("releaseAccess");
    await activities.releaseAccess(run);
    begin("recordReleased");
    const { connectionId } = await activities.recordReleased(run);
    return { connectionId, mayLeaveCredentials: false };
  });
}
