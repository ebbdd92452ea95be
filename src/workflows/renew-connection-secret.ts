import type { ConnectionId } from "../domain/ids.ts";
import type { RunRef } from "../domain/connection-operation.ts";
import { provisionActivities } from "./activity-options.ts";
import { recordedRun, switchSecret } from "./recorded-run.ts";

const activities = provisionActivities();

/**
 * Gives a connection a new secret: add, prove, switch, remove the old. The application stays as its owners left it; a
 * failure leaves the old secret working and is shown with the connection.
 * @throws {ApplicationFailure} whose type is the error code, after the failure was recorded and undone
 */
export async function renewConnectionSecret(run: RunRef): Promise<{ connectionId: ConnectionId }> {
  return recordedRun(run, "renew", activities, async (begin) => {
    begin("beginRenewal");
    await activities.beginRenewal(run);
    return switchSecret(run, activities, begin);
  });
}
