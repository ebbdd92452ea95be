import { Context } from "@temporalio/activity";
import { completeDisconnect } from "../db/disconnect.ts";
import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import { isBeingUndone } from "../db/connection-operations/in-hand.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ApplicationIds } from "../domain/connection-operation.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import type { Held } from "../entra/held-credentials.ts";
import type { ActivityDeps } from "./deps.ts";
import { applicationOf, type Step } from "./fence.ts";

const lookAgainMs = 2000;
/** Longer than an attempt lasts that was under way when its fence closed. */
const undoneWithinMs = 60_000;
/** Attempts that are refused, and how long one that was removed may stay visible, before the application goes anyway. */
const refusedAttemptsMax = 8;
const visibleForMs = 10 * 60_000;

/**
 * Takes the credentials away first, so that whoever brings the application back brings none back with it; then the
 * application, which Microsoft keeps for 30 days. Gone is only what is confirmed, by id and by list.
 */
export function removeApplication(deps: ActivityDeps): Step<"removeApplication"> {
  return async (_input, run) => {
    const operation = await requireCurrentRun(deps.database, run, "disconnect");
    const { appObjectId, appId } = applicationOf(operation);
    // What had to stop for this may be minting a secret yet, which would come too late to be removed.
    const sinceBegunMs = Date.now() - operation.createdAt.getTime();
    if (
      sinceBegunMs < undoneWithinMs &&
      (await deps.database.run((q) => isBeingUndone(q, operation.connectionId)))
    )
      throw new CodedError("application_not_ready", "what was stopped is still being undone", {
        retryAfterMs: lookAgainMs,
      });
    const applications = deps.applicationsOf(operation.entraTenantId, Context.current().cancellationSignal);
    const stuck = await removeCredentials(applications, { appObjectId, appId }).then(
      () => undefined,
      (error: unknown) => stuckBy(error, deps),
    );
    const removed = await applications.delete(appObjectId);
    if ((await applications.find(appObjectId)) ?? (await applications.findByAppId(appId)))
      throw new CodedError("application_not_ready", "the deletion is not visible yet", {
        retryAfterMs: lookAgainMs,
      });
    if (stuck) throw stuck;
    return { removed };
  };
}

async function removeCredentials(
  applications: GraphApplications,
  { appObjectId, appId }: Pick<ApplicationIds, "appObjectId" | "appId">,
): Promise<void> {
  const held = await applications.listCredentials(appObjectId);
  // Asked in two ways: what a lagging answer hides would come back with a restored application.
  if (!held && (await applications.findByAppId(appId))) throw stillThere();
  if (!held || isEmpty(held)) return;
  for (const { keyId } of held.passwordCredentials) await applications.removePassword(appObjectId, keyId);
  if (held.keyCredentials.length > 0) await applications.removeKeys(appObjectId);
  const after = await applications.listCredentials(appObjectId);
  if (after && !isEmpty(after)) throw stillThere();
}

/**
 * A credential that Microsoft does not let us remove is tried again for a while; then the application goes with it, which
 * is better than both left alive, and a person is told.
 */
function stuckBy(error: unknown, { pace }: ActivityDeps): CodedError {
  const code = error instanceof CodedError ? error.code : undefined;
  if (code !== "microsoft_refused_request" && code !== "application_not_ready") throw error;
  const { attempt, scheduledTimestampMs } = Context.current().info;
  const triedForMs = (Date.now() - scheduledTimestampMs) * (pace?.budgetFactor ?? 1);
  const isRefused = code === "microsoft_refused_request";
  if (isRefused ? attempt < refusedAttemptsMax : triedForMs < visibleForMs) throw stillThere();
  return new CodedError("microsoft_refused_request", "a credential stays in the deleted application");
}

const stillThere = (): CodedError =>
  new CodedError("application_not_ready", "a credential is still there", { retryAfterMs: lookAgainMs });

const isEmpty = ({ passwordCredentials, keyCredentials }: Held): boolean =>
  passwordCredentials.length + keyCredentials.length === 0;

export function recordDisconnected({ database }: ActivityDeps): Step<"recordDisconnected"> {
  return async ({ isRemoved }, run) => {
    const { connectionId } = await completeDisconnect(database, run, { isRemoved });
    return { connectionId };
  };
}
