import type { Database } from "../db/client.ts";
import { placeEvents } from "../db/events.ts";
import { listEndpointsWithWork } from "../db/webhooks/attempts.ts";
import type { Logger } from "../domain/logger.ts";
import type { WebhookRuns } from "../domain/webhooks.ts";

/**
 * Gives new events their places and wakes the workflow of each endpoint that has something to be tried. Safe to repeat
 * and to run in several workers at once.
 */
export async function sendWebhooks({
  ctx,
  input,
}: {
  ctx: { readonly database: Database; readonly webhookRuns: WebhookRuns; readonly log: Logger };
  /** What was added under another origin belongs to another installation. */
  input: { readonly ssoOrigin: string };
}): Promise<void> {
  const { database, webhookRuns, log } = ctx;
  await placeEvents(database);
  for (const endpointId of await listEndpointsWithWork(database, input.ssoOrigin))
    await webhookRuns.wake(endpointId).catch((error: Error) =>
      log.warn("Temporal did not take a webhook's wake-up; it is tried again", {
        endpoint_id: endpointId,
        reason: error.name,
      }),
    );
}
