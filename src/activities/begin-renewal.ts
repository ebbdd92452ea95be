import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import { findConnection } from "../db/sso-connections.ts";
import { CodedError } from "../domain/coded-error.ts";
import { adoptApplication } from "./adopt-application.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";

/**
 * A renewal has no person behind it, so it touches the connection's own application or nothing: a new one would need
 * a new consent, and would change every user's `sub`. A service principal that was lost is made anew.
 */
export function beginRenewal(deps: ActivityDeps): Step<"beginRenewal"> {
  return async (_input, run) => {
    const operation = await requireCurrentRun(deps.database, run, "renew");
    const connection = await findConnection(deps.database, operation.connectionId);
    if (!connection) throw new CodedError("internal", "a renewal without its connection");
    const applications = deps.applicationsOf(operation.entraTenantId, Context.current().cancellationSignal);
    const ids = await adoptApplication(deps, run, connection, applications);
    if (!ids) throw new CodedError("application_missing", connection.appObjectId);
    return ids;
  };
}
