import { Context } from "@temporalio/activity";
import { completeAccessChange } from "../db/change-access.ts";
import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import { findConnection } from "../db/sso-connections.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";
import { notReady } from "./not-ready.ts";

/**
 * Has Microsoft ask for an assignment, or not, and reads it back: what the row will say is what was seen there. Where
 * nobody can sign in for another reason, that stays as it is.
 */
export function changeAccess(deps: ActivityDeps): Step<"changeAccess"> {
  return async (_input, run) => {
    const { access, connectionId, entraTenantId } = await requireCurrentRun(
      deps.database,
      run,
      "change_access",
    );
    const connection = await findConnection(deps.database, connectionId);
    if (!connection || access === null)
      throw new CodedError("internal", "a change of access without a choice");
    const applications = deps.applicationsOf(entraTenantId, Context.current().cancellationSignal);
    const principal = await applications.locateServicePrincipal(connection);
    if (!principal) throw new CodedError("application_missing", connection.servicePrincipalId);
    const isRequired = access === "assigned";
    await applications.setAssignmentRequired(principal.id, isRequired);
    const after = await applications.getServicePrincipal(principal.id);
    if (after?.appRoleAssignmentRequired !== isRequired) throw notReady("the change is not visible yet");
    return { access };
  };
}

export function recordAccess({ database }: ActivityDeps): Step<"recordAccess"> {
  return async (_input, run) => {
    const { connectionId } = await completeAccessChange(database, run);
    return { connectionId };
  };
}
