import type { RunRef } from "../domain/connection-operation.ts";
import type { ConnectionId } from "../domain/ids.ts";
import { provisionActivities } from "./activity-options.ts";
import { recordedRun, switchSecret } from "./recorded-run.ts";

const activities = provisionActivities();

/**
 * Brings a disconnected connection back within 30 days: the same application, object id and connection, a new secret.
 * @throws {ApplicationFailure} whose type is the error code, after the failure was recorded and undone
 */
export async function restoreConnection(run: RunRef): Promise<{ connectionId: ConnectionId }> {
  return recordedRun(run, "restore", activities, async (begin) => {
    begin("restoreApplication");
    await activities.restoreApplication(run);
    return switchSecret(run, activities, begin);
  });
}
