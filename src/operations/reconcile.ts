import { forgetExpiredCodes } from "../db/code-redemptions.ts";
import { placeEvents } from "../db/events.ts";
import { forgetExpiredSignIns } from "../db/signin-codes.ts";
import { findRequest } from "../db/provision-requests/find-request.ts";
import {
  countWaiting,
  expireStaleRequests,
  listUnfinishedRequests,
} from "../db/provision-requests/reconcile.ts";
import { beginProvisioning } from "../db/provision-requests/run.ts";
import { isStoppedByHand } from "../domain/error-codes.ts";
import type { Logger } from "../domain/logger.ts";
import type { OperationsContext } from "./context.ts";

const batchMax = 500;

/**
 * Makes rows and workflows agree: expires what is stale, starts what is proved, drives again what a closed or unknown
 * workflow left unfinished, stops what was cancelled by hand while Temporal was away. Each pass can be repeated and
 * run in several workers at once: the rows decide.
 */
export async function reconcile({
  ctx,
  input,
}: {
  ctx: OperationsContext & { readonly log: Logger };
  /** What was started under another origin belongs to another installation. */
  input: { readonly ssoOrigin: string };
}): Promise<{ expired: number; driven: number; waiting: number }> {
  const { database, runs, log } = ctx;
  const { ssoOrigin } = input;
  const expired = await expireStaleRequests(database);
  await forgetExpiredCodes(database);
  await forgetExpiredSignIns(database);
  let driven = 0;
  for (const listed of await listUnfinishedRequests(database, { ssoOrigin, limit: batchMax })) {
    if (listed.status === "proved" && !(await beginProvisioning(database, listed.id))) continue;
    if (listed.status !== "proved" && (await runs.state(listed)) === "running") {
      if (isStoppedByHand(listed.errorCode)) await runs.cancel(listed);
      continue;
    }
    // Read again: the run may have ended between the list and the look at Temporal.
    const request = await findRequest(database, listed.id);
    const unfinished =
      request?.status === "provisioning" || (request?.status === "failed" && request.cleanup === "pending");
    if (!unfinished) continue;
    if (await runs.start(request)) driven += 1;
    log.info("request driven again", { request_id: request.id, generation: request.generation });
  }
  await placeEvents(database);
  return { expired, driven, waiting: await countWaiting(database, ssoOrigin) };
}
