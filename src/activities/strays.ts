import { endedOwners } from "../db/connection-operations/settle.ts";
import { isNamedByConnection } from "../db/sso-connections.ts";
import type { ConnectionOperation } from "../domain/connection-operation.ts";
import type { AppObjectId } from "../domain/ids.ts";
import { credentialOwnerIn, markedNameOf, markOf } from "../domain/marks.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import type { GraphApplication } from "../entra/graph-responses.schema.ts";
import type { ActivityDeps } from "./deps.ts";

/** Microsoft's clock is not ours and shows whole seconds. */
export const clockAllowanceMs = 5 * 60_000;
/** Younger objects are not this operation's: a restored database knows nothing of what came after it. */
export const settleHorizonMs = 5 * 60_000;

/**
 * Removes our credentials that the connection no longer uses. A credential of an operation that is in hand, or that this
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
    const owner = credentialOwnerIn(credential.displayName ?? "");
    const isYounger =
      credential.startDateTime != null && Date.parse(credential.startDateTime) > createdUntil.getTime();
    return owner === undefined || credential.keyId === connection.secretKeyId || isYounger
      ? []
      : [{ keyId: credential.keyId, owner }];
  });
  // Asked after the list was taken: whoever starts now mints a credential that is not on it.
  const ended = await endedOwners(
    deps.database,
    candidates.map(({ owner }) => owner),
  );
  const strays = candidates.filter(({ owner }) => ended.has(owner));
  for (const { keyId } of strays) await applications.removePassword(connection.appObjectId, keyId);
  return strays.length;
}

/**
 * Deletes applications with a mark of this operation that no connection names: late arrivals of a creation whose answer
 * was lost.
 */
export async function deleteStrayApplications(
  deps: ActivityDeps,
  applications: GraphApplications,
  operation: ConnectionOperation,
  createdUntil: Date,
): Promise<AppObjectId[]> {
  const deleted: AppObjectId[] = [];
  for (let generation = 1; generation <= operation.generation; generation += 1) {
    const earlier = { ...operation, generation };
    const marked = await applications.findByMark({
      displayName: markedNameOf(earlier),
      tag: markOf(earlier),
    });
    for (const app of marked) {
      const wasAdopted = operation.adopted && app.id === operation.application?.appObjectId;
      if (wasAdopted || !isOfThisOperation(deps, operation, app, createdUntil)) continue;
      if (await isNamedByConnection(deps.database, app.id)) continue;
      if (await applications.delete(app.id)) deleted.push(app.id);
    }
  }
  return deleted;
}

/** The mark alone is not enough: the time must fit and, where Microsoft names the creator, it must be us. */
function isOfThisOperation(
  deps: ActivityDeps,
  operation: ConnectionOperation,
  app: GraphApplication,
  createdUntil: Date,
): boolean {
  if (!app.createdDateTime) return false;
  const createdMs = Date.parse(app.createdDateTime);
  return (
    createdMs >= operation.createdAt.getTime() - clockAllowanceMs &&
    createdMs <= createdUntil.getTime() &&
    (!app.createdByAppId || app.createdByAppId === deps.provisioningClientId)
  );
}
