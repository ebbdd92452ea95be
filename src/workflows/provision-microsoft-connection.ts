import type { ConnectionId } from "../domain/ids.ts";
import type { RunRef } from "../domain/connection-operation.ts";
import { provisionActivities } from "./activity-options.ts";
import { recordedRun, switchSecret } from "./recorded-run.ts";

const activities = provisionActivities();

/**
 * From a proved tenant to a live connection. Takes the operation's id and generation only; tenant and organization come
 * from the row, behind the fence, so that starting this workflow by hand gains nothing.
 * @throws {ApplicationFailure} whose type is the error code, after the failure was recorded and undone
 */
export async function provisionMicrosoftConnection(run: RunRef): Promise<{ connectionId: ConnectionId }> {
  return recordedRun(run, "connect", activities, async (begin) => {
    begin("instantiateApplication");
    await activities.instantiateApplication(run);
    begin("configureOidc");
    await activities.configureOidc(run);
    return switchSecret(run, activities, begin);
  });
}
