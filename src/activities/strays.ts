import { endedRequests } from "../db/provision-requests/settle.ts";
import { type CurrentRequest, isNamedByConnection } from "../db/provision-requests/run.ts";
import type { AppObjectId, ProvisionRequestId } from "../domain/ids.ts";
import { markOf } from "../domain/provision-request.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import type { GraphApplication } from "../entra/graph-responses.schema.ts";
import type { ActivityDeps } from "./deps.ts";
import { markedName } from "./instantiate-application.ts";

/** Credentials that we minted carry `{requestId}.{generation}.{attempt}`; anybody else's are left alone. */
const credentialName = /^(mspr_[0-9a-f]{32})\.\d+\.\d+$/;
/** Microsoft's clock is not ours and shows whole seconds. */
export const clockAllowanceMs = 5 * 60_000;
/** Younger objects are not this request's: a restored database knows nothing of what came after it. */
export const settleHorizonMs = 5 * 60_000;

/**
 * Removes our credentials that the connection no longer uses. A credential of a request that is in hand, or that this
 * database does not know, belongs to somebody else.
 */
export async function removeStrayCredentials(
  deps: ActivityDeps,
  applications: GraphApplications,
  connection: SsoConnection,
  createdUntil: Date,
): Promise<number> {
  const application = await applications.find(connection.appObjectId);
  const candidates = (application?.passwordCredentials ?? []).flatMap((credential) => {
    const requestId = credentialName.exec(credential.displayName ?? "")?.[1];
    const isYounger =
      credential.startDateTime != null && Date.parse(credential.startDateTime) > createdUntil.getTime();
    return requestId === undefined || credential.keyId === connection.secretKeyId || isYounger
      ? []
      : [{ keyId: credential.keyId, requestId }];
  });
  // Asked after the list was taken: whoever starts now mints a credential that is not on it.
  const ended = await endedRequests(
    deps.database,
    candidates.map(({ requestId }) => requestId as ProvisionRequestId),
  );
  const strays = candidates.filter(({ requestId }) => ended.has(requestId));
  for (const { keyId } of strays) await applications.removePassword(connection.appObjectId, keyId);
  return strays.length;
}

/**
 * Deletes applications with a mark of this request that no connection names: late arrivals of a creation whose answer
 * was lost.
 */
export async function deleteStrayApplications(
  deps: ActivityDeps,
  applications: GraphApplications,
  request: CurrentRequest,
  createdUntil: Date,
): Promise<AppObjectId[]> {
  const deleted: AppObjectId[] = [];
  for (let generation = 1; generation <= request.generation; generation += 1) {
    const run = { requestId: request.id, generation };
    const marked = await applications.findByMark({
      displayName: markedName(run),
      tag: markOf(request.id, generation),
    });
    for (const app of marked) {
      const wasAdopted = request.adopted && app.id === request.appObjectId;
      if (wasAdopted || !isOfThisRequest(deps, request, app, createdUntil)) continue;
      if (await isNamedByConnection(deps.database, app.id)) continue;
      if (await applications.delete(app.id)) deleted.push(app.id);
    }
  }
  return deleted;
}

/** The mark alone is not enough: the time must fit and, where Microsoft names the creator, it must be us. */
function isOfThisRequest(
  deps: ActivityDeps,
  request: CurrentRequest,
  app: GraphApplication,
  createdUntil: Date,
): boolean {
  if (!app.createdDateTime) return false;
  const createdMs = Date.parse(app.createdDateTime);
  return (
    createdMs >= request.createdAt.getTime() - clockAllowanceMs &&
    createdMs <= createdUntil.getTime() &&
    (!app.createdByAppId || app.createdByAppId === deps.provisioningClientId)
  );
}
