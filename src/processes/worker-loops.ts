import type { Client } from "@temporalio/client";
import { lookAtDomains } from "../activities/maintenance/look-at-domains.ts";
import { settleDue } from "../activities/maintenance/settle-due.ts";
import type { Logger } from "../domain/logger.ts";
import { withTimeLimit } from "../domain/time-limit.ts";
import type { Tracing } from "../domain/tracing.ts";
import { noteDue } from "../operations/note-due.ts";
import { tryCredential } from "../operations/try-credential.ts";
import { sendWebhooks } from "../operations/send-webhooks.ts";
import { createOperationRuns } from "../temporal/operation-runs.ts";
import { createWebhookRuns } from "../temporal/webhook-runs.ts";
import { keepSchedule } from "./keep-schedule.ts";
import { type Loop, startLoop } from "./loop.ts";
import type { WiredWork } from "./wire-activities.ts";
import { startReconciler } from "./start-reconciler.ts";

/** Strays are due 15 s after a request's end. */
const settleEveryMs = 15_000;
const settlePassMs = 60_000;
/** A card that was just connected names its directory by this. */
const domainsEveryMs = 1000;
const domainsPassMs = 60_000;
/** From an event's commit to its first attempt. */
const sendEveryMs = 2000;
/** A look at one row; a replaced secret is noticed within a second. */
const tryEveryMs = 2000;
/** Days end, and secrets. */
const noteEveryMs = 5 * 60_000;

/** What a worker looks after beside its tasks; each pass is safe in several workers at once. */
export function startWorkerLoops(deps: WiredWork, client: Client, log: Logger, tracing: Tracing): Loop[] {
  const { database, ssoOrigin } = deps;
  const webhookRuns = createWebhookRuns(client);
  return [
    keepSchedule(client, log),
    startReconciler({ database, runs: createOperationRuns(client, tracing), log }, { ssoOrigin }),
    startLoop("sending webhooks", log, async () => {
      await sendWebhooks({ ctx: { database, webhookRuns, log }, input: { ssoOrigin } });
      return sendEveryMs;
    }),
    startLoop("noting", log, async () => {
      await noteDue({ ctx: { database } });
      return noteEveryMs;
    }),
    startLoop("trying the credential", log, async () => {
      await tryCredential({ ctx: { ...deps.credential, log } });
      return tryEveryMs;
    }),
    startLoop("settling", log, (cancelled) =>
      withTimeLimit({ ms: settlePassMs, cancelled }, async ({ signal }) => {
        await settleDue(deps, () => signal)({});
        return settleEveryMs;
      }),
    ),
    startLoop("looking at domains", log, (cancelled) =>
      withTimeLimit({ ms: domainsPassMs, cancelled }, async ({ signal }) => {
        await lookAtDomains(deps, signal);
        return domainsEveryMs;
      }),
    ),
  ];
}
