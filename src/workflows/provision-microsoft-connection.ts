import type { ConnectionId } from "../domain/ids.ts";
import type { RunRef } from "../domain/provision-contract.ts";
import { provisionActivities } from "./activity-options.ts";
import { recordedRun } from "./recorded-run.ts";

const activities = provisionActivities();

/**
 * From a proved tenant to a live connection. Takes the request's id and generation only; tenant and organization come
 * from the row, behind the fence, so that starting this workflow by hand gains nothing.
 * @throws {ApplicationFailure} whose type is the error code, after the failure was recorded and undone
 */
export async function provisionMicrosoftConnection(run: RunRef): Promise<{ connectionId: ConnectionId }> {
  return recordedRun(run, activities, async (begin) => {
    begin("discoverIssuer");
    const { issuer } = await activities.discoverIssuer(run);
    begin("instantiateApplication");
    const { adopted, ...ids } = await activities.instantiateApplication(run);
    begin("configureOidc");
    const configured = await activities.configureOidc({ ...run, ...ids, adopted });
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
      ...configured,
    });
    return connectionId;
  });
}
