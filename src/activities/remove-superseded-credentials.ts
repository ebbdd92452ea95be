import { Context } from "@temporalio/activity";
import { findGeneration } from "../db/connection-operations/fence.ts";
import { findConnection } from "../db/sso-connections.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";
import { removeStrayCredentials, settleHorizonMs } from "./strays.ts";

/** After the switch: removes our credentials that the connection no longer uses, as long as it is still this run's. */
export function removeSupersededCredentials(deps: ActivityDeps): Step<"removeSupersededCredentials"> {
  return async (_input, run) => {
    const operation = await findGeneration(deps.database, run);
    if (operation?.status !== "succeeded" || operation.completedAt === null) return { removed: 0 };
    const connection = await findConnection(deps.database, operation.connectionId);
    if (!connection || connection.appObjectId !== operation.application?.appObjectId) return { removed: 0 };
    const applications = deps.applicationsOf(operation.entraTenantId, Context.current().cancellationSignal);
    const until = new Date(operation.completedAt.getTime() + settleHorizonMs);
    return { removed: await removeStrayCredentials(deps, applications, connection, until) };
  };
}
