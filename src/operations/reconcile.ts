import { forgetExpiredCodes } from "../db/code-redemptions.ts";
import { forgetOldDeliveries } from "../db/webhooks/attempts.ts";
import { forgetExpiredSignIns } from "../db/signin-codes.ts";
import { beginRun } from "../db/connection-operations/begin-run.ts";
import { findOperation } from "../db/connection-operations/find-operation.ts";
import { countWaiting, listUnfinishedOperations } from "../db/connection-operations/unfinished.ts";
import { expireStaleRequests } from "../db/provision-requests/expire-requests.ts";
import type { ConnectionOperation } from "../domain/connection-operation.ts";
import { isStoppedByHand } from "../domain/error-codes.ts";
import type { Logger } from "../domain/logger.ts";
import type { OperationsContext } from "./context.ts";
import { logFieldsOf } from "./drive.ts";

const batchMax = 500;

/**
 * Makes rows and workflows agree: expires what is stale, starts what waits, drives again what a closed or unknown
 * workflow left unfinished, stops what was cancelled by hand while Temporal was away. Each pass can be repeated and
 * run in several workers at once: the rows decide.
 */
export async function reconcile({
  ctx,
  input,
}: {
  ctx: Pick<OperationsContext, "database" | "runs"> & { readonly log: Logger };
  input: {
    /** What was started under another origin belongs to another installation. */
    readonly ssoOrigin: string;
    /** Only what waits for a place: a pass that may come often, since it asks Temporal for nothing that runs. */
    readonly onlyWaiting?: boolean;
  };
}): Promise<{ expired: number; driven: number; waiting: number }> {
  const { database, runs, log } = ctx;
  const { ssoOrigin, onlyWaiting = false } = input;
  const expired = onlyWaiting ? 0 : await expireAndForget(database);
  let driven = 0;
  for (const listed of await listUnfinishedOperations(database, { ssoOrigin, limit: batchMax })) {
    if (onlyWaiting && listed.status !== "waiting") continue;
    if (listed.status === "waiting") {
      if (!(await beginRun(database, listed))) continue;
    } else if ((await runs.state(listed)) === "running") {
      if (isStoppedByHand(listed.errorCode)) await runs.cancel(listed);
      continue;
    }
    // Read again: the run may have ended between the list and the look at Temporal.
    const operation = await findOperation(database, listed.id);
    if (!operation || !isUnfinished(operation)) continue;
    if (await runs.start(operation)) driven += 1;
    log.info("operation driven again", logFieldsOf(operation));
  }
  return { expired, driven, waiting: await countWaiting(database, ssoOrigin) };
}

const isUnfinished = ({ status, cleanup }: ConnectionOperation): boolean =>
  status === "running" || (status === "failed" && cleanup === "pending");

async function expireAndForget(database: OperationsContext["database"]): Promise<number> {
  const expired = await expireStaleRequests(database);
  await forgetExpiredCodes(database);
  await forgetExpiredSignIns(database);
  await forgetOldDeliveries(database);
  return expired;
}
