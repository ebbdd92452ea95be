import { Context } from "@temporalio/activity";
import { findGeneration } from "../db/provision-requests/run.ts";
import { findConnection } from "../db/sso-connections.ts";
import type { ProvisionActivities } from "../domain/provision-activities.ts";
import type { ActivityDeps } from "./deps.ts";

/** Credentials that we minted carry `{requestId}.{generation}.{attempt}`; anybody else's are left alone. */
const ourCredential = /^mspr_[0-9a-f]{32}\.\d+\.\d+$/;

/** After the switch: removes our credentials that the connection no longer uses, as long as it is still this run's. */
export function removeSupersededCredentials(
  deps: ActivityDeps,
): ProvisionActivities["removeSupersededCredentials"] {
  return async (run) => {
    const request = await findGeneration(deps.database, run);
    if (request?.status !== "succeeded" || request.completedAt === null) return { removed: 0 };
    const connection = await findConnection(deps.database, request.connectionId);
    if (
      !connection ||
      connection.appObjectId !== request.appObjectId ||
      connection.updatedAt > request.completedAt
    )
      return { removed: 0 };
    const applications = deps.applicationsOf(request.entraTenantId, Context.current().cancellationSignal);
    const application = await applications.find(connection.appObjectId);
    const strays = (application?.passwordCredentials ?? []).filter(
      ({ keyId, displayName }) => keyId !== connection.secretKeyId && ourCredential.test(displayName ?? ""),
    );
    for (const { keyId } of strays) await applications.removePassword(connection.appObjectId, keyId);
    return { removed: strays.length };
  };
}
