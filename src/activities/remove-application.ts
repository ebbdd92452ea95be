import { Context } from "@temporalio/activity";
import { completeDisconnect } from "../db/disconnect.ts";
import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import { isBeingUndone } from "../db/connection-operations/in-hand.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ApplicationIds } from "../domain/connection-operation.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import { MicrosoftError } from "../entra/microsoft-error.ts";
import type { ActivityDeps } from "./deps.ts";
import { applicationOf, type Step } from "./fence.ts";
import { removeCredentials } from "./remove-credentials.ts";
import { notReady } from "./not-ready.ts";

/** Longer than an attempt lasts that was under way when its fence closed. */
const undoneWithinMs = 60_000;
/**
 * How long a credential may stay before its application goes anyway: attempts, and the time in which lags and outages
 * pass. Some keys of a service principal are answered with 500 for ever.
 */
const attemptsMin = 8;
const patienceMs: Partial<Record<ErrorCode, number>> = {
  application_not_ready: 10 * 60_000,
  permission_not_effective: 10 * 60_000,
  microsoft_unavailable: 60 * 60_000,
};

/**
 * Takes the credentials away first, so that whoever brings the application back brings none back with it; then the
 * application, which Microsoft keeps for 30 days. Gone is only what is confirmed, by id and by list.
 */
export function removeApplication(deps: ActivityDeps): Step<"removeApplication"> {
  return async (_input, run) => {
    const operation = await requireCurrentRun(deps.database, run, "disconnect");
    const ids = applicationOf(operation);
    const { appObjectId, appId } = ids;
    // What had to stop for this may be minting a secret yet, which would come too late to be removed.
    const sinceBegunMs = Date.now() - operation.createdAt.getTime();
    if (
      sinceBegunMs < undoneWithinMs &&
      (await deps.database.run((q) => isBeingUndone(q, operation.connectionId)))
    )
      throw notReady("what was stopped is still being undone");
    const applications = deps.applicationsOf(operation.entraTenantId, Context.current().cancellationSignal);
    const stuck = await removeAll(applications, ids).then(
      () => undefined,
      (error: unknown) => stuckBy(error, deps),
    );
    const removed = await applications.delete(appObjectId);
    if ((await applications.find(appObjectId)) ?? (await applications.findByAppId(appId)))
      throw notReady("the deletion is not visible yet");
    if (stuck) throw stuck;
    return { removed };
  };
}

async function removeAll(applications: GraphApplications, ids: ApplicationIds): Promise<void> {
  const principal = await applications.locateServicePrincipal(ids);
  const holders = { ...ids, servicePrincipalId: principal?.id };
  const isSeen = await removeCredentials(applications, holders);
  // Asked in two ways: what a lagging answer hides would come back with a restored application.
  if (!isSeen && (await applications.findByAppId(ids.appId))) throw stillThere();
}

/**
 * A credential that Microsoft does not let us remove is tried again for a while; then the application goes with it, which
 * is better than both left alive, and a person is told.
 */
function stuckBy(error: unknown, { pace }: ActivityDeps): CodedError {
  if (!(error instanceof CodedError)) throw error;
  const { attempt, scheduledTimestampMs } = Context.current().info;
  const isRefused = error.code === "microsoft_refused_request" || error.code === "forbidden_by_policy";
  if (isRefused && attempt < attemptsMin) throw stillThere();
  const triedForMs = (Date.now() - scheduledTimestampMs) * (pace?.budgetFactor ?? 1);
  const isOver = attempt >= attemptsMin && triedForMs >= (patienceMs[error.code] ?? Infinity);
  // Where nobody answers, the application could not be deleted either.
  const isAway = error instanceof MicrosoftError && error.facts.status === 0;
  if (!isRefused && (isAway || !isOver)) throw error;
  return new CodedError("microsoft_refused_request", "a credential stays in the deleted application");
}

const stillThere = (): CodedError => notReady("a credential is still there");

export function recordDisconnected({ database }: ActivityDeps): Step<"recordDisconnected"> {
  return async ({ isRemoved }, run) => {
    const { connectionId } = await completeDisconnect(database, run, { isRemoved });
    return { connectionId };
  };
}
