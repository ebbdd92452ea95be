import { Context } from "@temporalio/activity";
import {
  type CurrentRequest,
  findGeneration,
  isNamedByConnection,
  recordCleanup,
} from "../db/provision-requests/run.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { AppObjectId } from "../domain/ids.ts";
import type { RunRef } from "../domain/provision-contract.ts";
import { markOf } from "../domain/provision-request.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import type { GraphApplication } from "../entra/graph-responses.schema.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";
import { markedName } from "./instantiate-application.ts";
import { clockAllowanceMs } from "./strays.ts";

const lookAgainMs = 2000;
const ourCredential = (run: RunRef) => `${markOf(run.requestId, run.generation)}.`;

/**
 * Undoes a failed generation. Deletes what this generation created, by recorded id or by mark; takes from an adopted
 * application only the credentials this generation minted. An early 404 is lag, not "gone": only a confirmed absence,
 * by id and by list, ends it.
 */
export function deleteOrphanedApplication(deps: ActivityDeps): Step<"deleteOrphanedApplication"> {
  return async (_input, run) => {
    const request = await findGeneration(deps.database, run);
    // Never after a success, never twice: the row decides.
    if (request?.status !== "failed" || request.cleanup !== "pending") return { deleted: [] };
    const applications = deps.applicationsOf(request.entraTenantId, Context.current().cancellationSignal);
    const deleted = request.adopted ? [] : await deleteOwn(deps, run, request, applications);
    if (request.adopted && request.appObjectId) await removeMinted(run, request.appObjectId, applications);
    await recordCleanup(deps.database, run, "done");
    return { deleted };
  };
}

async function deleteOwn(
  deps: ActivityDeps,
  run: RunRef,
  request: CurrentRequest,
  applications: GraphApplications,
): Promise<AppObjectId[]> {
  const marked = await applications.findByMark({
    displayName: markedName(run),
    tag: markOf(run.requestId, run.generation),
  });
  const ids = new Set<AppObjectId>(marked.filter((app) => isOurs(deps, request, app)).map((app) => app.id));
  if (request.appObjectId) ids.add(request.appObjectId);
  const deleted: AppObjectId[] = [];
  for (const id of ids) {
    if (await isNamedByConnection(deps.database, id)) continue;
    if (await applications.delete(id)) deleted.push(id);
    const visible =
      (await applications.find(id)) ?? (request.appId && (await applications.findByAppId(request.appId)));
    if (visible)
      throw new CodedError("application_not_ready", "the deletion is not visible yet", {
        retryAfterMs: lookAgainMs,
      });
  }
  const { createIntentAt } = request;
  const sinceIntentMs =
    createIntentAt === null ? Number.POSITIVE_INFINITY : Date.now() - createIntentAt.getTime();
  // Nothing deleted although a creation was sent: it may show up yet.
  if (deleted.length === 0 && sinceIntentMs < deps.adoptWindowMs)
    throw new CodedError("application_not_ready", "what was created is not visible yet", {
      retryAfterMs: lookAgainMs,
    });
  return deleted;
}

/** A match by mark alone also needs the time of the intent and, where Microsoft names it, us as the creator. */
function isOurs(deps: ActivityDeps, request: CurrentRequest, app: GraphApplication): boolean {
  if (app.id === request.appObjectId) return true;
  if (request.createIntentAt === null || !app.createdDateTime) return false;
  const apartMs = Math.abs(Date.parse(app.createdDateTime) - request.createIntentAt.getTime());
  return (
    apartMs <= clockAllowanceMs && (!app.createdByAppId || app.createdByAppId === deps.provisioningClientId)
  );
}

async function removeMinted(run: RunRef, id: AppObjectId, applications: GraphApplications): Promise<void> {
  const application = await applications.find(id);
  for (const { keyId, displayName } of application?.passwordCredentials ?? [])
    if (displayName?.startsWith(ourCredential(run))) await applications.removePassword(id, keyId);
}
