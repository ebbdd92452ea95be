import { Context } from "@temporalio/activity";
import { recordCleanup } from "../db/connection-operations/end-run.ts";
import { findGeneration } from "../db/connection-operations/fence.ts";
import { isNamedByConnection } from "../db/sso-connections.ts";
import type { AppObjectId } from "../domain/ids.ts";
import type { ConnectionOperation } from "../domain/connection-operation.ts";
import { liveStatuses } from "../domain/sso-connection.ts";
import { markedNameOf, markOf } from "../domain/marks.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import type { GraphApplication } from "../entra/graph-responses.schema.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";
import { clockAllowanceMs } from "./strays.ts";
import { notReady } from "./not-ready.ts";

/**
 * Undoes a failed generation. Deletes what this generation created, by recorded id or by mark; takes from an adopted
 * application only the credentials this generation minted. An early 404 is lag, not "gone": only a confirmed absence,
 * by id and by list, ends it.
 */
export function deleteOrphanedApplication(deps: ActivityDeps): Step<"deleteOrphanedApplication"> {
  return async (_input, run) => {
    const operation = await findGeneration(deps.database, run);
    // Never after a success, never twice: the row decides.
    if (operation?.status !== "failed" || operation.cleanup !== "pending") return { deleted: [] };
    const applications = deps.applicationsOf(operation.entraTenantId, Context.current().cancellationSignal);
    const deleted = operation.adopted ? [] : await deleteOwn(deps, operation, applications);
    if (operation.adopted) await removeMinted(operation, applications);
    await recordCleanup(deps.database, run, "done");
    return { deleted };
  };
}

async function deleteOwn(
  deps: ActivityDeps,
  operation: ConnectionOperation,
  applications: GraphApplications,
): Promise<AppObjectId[]> {
  const marked = await applications.findByMark({
    displayName: markedNameOf(operation),
    tag: markOf(operation),
  });
  const ids = new Set<AppObjectId>(marked.filter((app) => isOurs(deps, operation, app)).map((app) => app.id));
  if (operation.application) ids.add(operation.application.appObjectId);
  const deleted: AppObjectId[] = [];
  for (const id of ids) {
    // A restore that failed leaves the application deleted and without a credential, as it found it.
    const isRestored = operation.kind === "restore" && id === operation.application?.appObjectId;
    if (await isNamedByConnection(deps.database, id, isRestored ? liveStatuses : undefined)) continue;
    if (isRestored) await removeMinted(operation, applications);
    if (await applications.delete(id)) deleted.push(id);
    const visible =
      (await applications.find(id)) ??
      (operation.application && (await applications.findByAppId(operation.application.appId)));
    if (visible) throw notReady("the deletion is not visible yet");
  }
  const { createIntentAt } = operation;
  const sinceIntentMs =
    createIntentAt === null ? Number.POSITIVE_INFINITY : Date.now() - createIntentAt.getTime();
  // Nothing deleted although a creation was sent: it may show up yet.
  if (deleted.length === 0 && sinceIntentMs < deps.adoptWindowMs)
    throw notReady("what was created is not visible yet");
  return deleted;
}

/** A match by mark alone also needs the time of the intent and, where Microsoft names it, us as the creator. */
function isOurs(deps: ActivityDeps, operation: ConnectionOperation, app: GraphApplication): boolean {
  if (app.id === operation.application?.appObjectId) return true;
  if (operation.createIntentAt === null || !app.createdDateTime) return false;
  const apartMs = Math.abs(Date.parse(app.createdDateTime) - operation.createIntentAt.getTime());
  return (
    apartMs <= clockAllowanceMs && (!app.createdByAppId || app.createdByAppId === deps.provisioningClientId)
  );
}

async function removeMinted(operation: ConnectionOperation, applications: GraphApplications): Promise<void> {
  if (!operation.application) return;
  const { appObjectId } = operation.application;
  const application = await applications.find(appObjectId);
  for (const { keyId, displayName } of application?.passwordCredentials ?? [])
    if (displayName?.startsWith(`${markOf(operation)}.`))
      await applications.removePassword(appObjectId, keyId);
}
