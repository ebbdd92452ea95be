import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../db/client.ts";
import { expireStaleRequests, listUnfinishedRequests } from "../db/provision-requests/reconcile.ts";
import { beginProvisioning } from "../db/provision-requests/run.ts";
import { findRequest } from "../db/provision-requests/find-request.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { Logger } from "../domain/logger.ts";
import type { ProvisionRuns } from "../domain/provision-runs.ts";

const everyMs = 15_000;
const batchMax = 200;

/**
 * Makes rows and workflows agree: expires what is stale, starts what is proved, drives again what a closed or unknown
 * workflow left unfinished. Each pass can be repeated and run in several workers at once: the rows decide.
 */
export async function reconcileOnce(deps: {
  database: Database;
  runs: ProvisionRuns;
  log: Logger;
}): Promise<{ expired: number; driven: number }> {
  const { database, runs, log } = deps;
  const expired = await expireStaleRequests(database);
  let driven = 0;
  for (const listed of await listUnfinishedRequests(database, batchMax)) {
    if (listed.status === "proved") await beginProvisioning(database, listed.id);
    if (listed.status !== "proved" && (await runs.state(listed)) === "running") continue;
    // Read again: the run may have ended between the list and the look at Temporal.
    const request = await findRequest(database, listed.id);
    const unfinished =
      request?.status === "provisioning" || (request?.status === "failed" && request.cleanup === "pending");
    if (!unfinished) continue;
    if (await runs.start(request)) driven += 1;
    log.info("request driven again", { request_id: request.id, generation: request.generation });
  }
  return { expired, driven };
}

/** Reconciles now and every 15 s until stopped. A failing pass is logged and the next one tries again. */
export function startReconciler(deps: { database: Database; runs: ProvisionRuns; log: Logger }): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await reconcileOnce(deps).catch((error: unknown) =>
        deps.log.warn("reconciling failed, will try again", {
          reason: error instanceof CodedError ? error.code : (error as Error).name,
        }),
      );
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
