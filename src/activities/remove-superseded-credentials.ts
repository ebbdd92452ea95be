import { Context } from "@temporalio/activity";
import { findGeneration } from "../db/provision-requests/run.ts";
import { findConnection } from "../db/sso-connections.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";
import { removeStrayCredentials, settleHorizonMs } from "./strays.ts";

/** After the switch: removes our credentials that the connection no longer uses, as long as it is still this run's. */
export function removeSupersededCredentials(deps: ActivityDeps): Step<"removeSupersededCredentials"> {
  return async (_input, run) => {
    const request = await findGeneration(deps.database, run);
    if (request?.status !== "succeeded" || request.completedAt === null) return { removed: 0 };
    const connection = await findConnection(deps.database, request.connectionId);
    if (connection?.appObjectId !== request.appObjectId) return { removed: 0 };
    const applications = deps.applicationsOf(request.entraTenantId, Context.current().cancellationSignal);
    const until = new Date(request.completedAt.getTime() + settleHorizonMs);
    return { removed: await removeStrayCredentials(deps, applications, connection, until) };
  };
}
