import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import { recordApplication } from "../db/connection-operations/notes.ts";
import { findConnection } from "../db/sso-connections.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ServicePrincipalId } from "../domain/ids.ts";
import { markOf } from "../domain/marks.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";
import { removeCredentials } from "./remove-credentials.ts";

const restoreAttemptsMax = 5;

/**
 * Application and service principal come back by a call each, under the ids that they had, so that every user's `sub` at
 * Microsoft stays. Credentials that came back with them are somebody's who could read a backup: they go before a new one
 * is minted.
 */
export function restoreApplication(deps: ActivityDeps): Step<"restoreApplication"> {
  return async (_input, run) => {
    const operation = await requireCurrentRun(deps.database, run, "restore");
    const connection = await findConnection(deps.database, operation.connectionId);
    if (!connection) throw new CodedError("internal", "a restore without its connection");
    const applications = deps.applicationsOf(operation.entraTenantId, Context.current().cancellationSignal);
    const { appObjectId, appId } = connection;
    const wasThere = (await applications.find(appObjectId)) !== undefined;
    // Restored by us, it is ours to delete again where the restore fails later on: noted before it is sent.
    const adopted = operation.adopted && wasThere;
    const before = { appObjectId, appId, servicePrincipalId: connection.servicePrincipalId };
    if (!wasThere) await recordApplication(deps.database, run, { ...before, adopted });
    const isBack = !wasThere && (await applications.restoreDeleted(appObjectId));
    // Neither there nor among the deleted: somebody removed it for good, or the way back has not spread yet.
    if (!wasThere && !isBack && !(await applications.find(appObjectId)))
      throw new CodedError("application_missing", appObjectId);
    const servicePrincipalId = await principalOf(connection, applications);
    const ids = { appObjectId, appId, servicePrincipalId };
    if (!(await removeCredentials(applications, ids, markOf(operation))))
      throw new CodedError("application_not_ready", appObjectId);
    await recordApplication(deps.database, run, { ...ids, adopted });
    return ids;
  };
}

async function principalOf(
  connection: SsoConnection,
  applications: GraphApplications,
): Promise<ServicePrincipalId> {
  const there = () => applications.locateServicePrincipal(connection);
  const isBack =
    (await there()) !== undefined || (await applications.restoreDeleted(connection.servicePrincipalId));
  // It is among the deleted only after a while; a new one would lose the consents that the old one has.
  if (!isBack && Context.current().info.attempt < restoreAttemptsMax)
    throw new CodedError("application_not_ready", "its service principal is not among the deleted yet");
  const principal =
    (await there()) ??
    (await applications.createServicePrincipal(connection.appId, connection.access === "assigned"));
  if (principal.accountEnabled === false) throw new CodedError("application_disabled", principal.id);
  return principal.id;
}
