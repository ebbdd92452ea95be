import type { ConnectionId } from "../domain/ids.ts";
import type { RunRef } from "../domain/provision-contract.ts";
import { provisionActivities } from "./activity-options.ts";
import { recordedRun } from "./recorded-run.ts";

const activities = provisionActivities();

/**
 * Gives a connection a new secret: add, prove, switch, remove the old. The application stays as its owners left it; a
 * failure leaves the old secret working and is shown with the connection.
 * @throws {ApplicationFailure} whose type is the error code, after the failure was recorded and undone
 */
export async function renewConnectionSecret(run: RunRef): Promise<{ connectionId: ConnectionId }> {
  return recordedRun(run, activities, async (begin) => {
    begin("instantiateApplication");
    const { issuer, redirectUri, ...ids } = await activities.beginRenewal(run);
    begin("addPassword");
    const minted = await activities.addPassword({ ...run, ...ids });
    begin("sealSecret");
    const stored = await activities.sealSecret({ ...run, ...ids, ...minted });
    begin("proveSecret");
    await activities.proveSecret({ ...run, ...ids, ...stored });
    begin("upsertConnection");
    const { connectionId } = await activities.upsertConnection({
      ...run,
      ...ids,
      ...stored,
      issuer,
      redirectUri,
      usersConsented: false,
    });
    return connectionId;
  });
}
