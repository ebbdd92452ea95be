import { Context } from "@temporalio/activity";
import { type ClaimedDelivery, claimDelivery, recordAttempt } from "../../db/webhooks/attempts.ts";
import { checkAddresses, parseWebhookUrl } from "../../domain/checked-url.ts";
import { webhookBody } from "../../domain/event-view.ts";
import { type AttemptOutcome, pauseAfterMs, type WebhookActivities } from "../../domain/webhooks.ts";
import { openWebhookSecrets, signWebhook } from "../../sealing/webhook-secrets.ts";
import type { WebhookDeps } from "./deps.ts";
import { postWebhook } from "./post.ts";

/**
 * Sends one delivery once and records what came of it. A worker that dies in between sends it again: a receiver may get
 * an event twice, and knows it by its id.
 */
export function attemptDelivery(deps: WebhookDeps): WebhookActivities["attemptDelivery"] {
  return async (input) => {
    const delivery = await claimDelivery(deps.database, { ...input, ssoOrigin: deps.ssoOrigin });
    if (!delivery) return;
    const outcome = await send(deps, delivery);
    const pauseMs = (attempts: number): number => deps.pace?.retryDelayMs ?? pauseAfterMs(attempts);
    const { switchedOff, gaveUp } = await recordAttempt(deps.database, delivery, outcome, pauseMs);
    const { log } = Context.current();
    if (switchedOff !== null)
      log.error(`webhook endpoint ${input.endpointId} is switched off: ${offTexts[switchedOff]}`);
    if (gaveUp)
      log.error(
        `webhook delivery ${input.deliveryId} to ${input.endpointId} is given up; replay it once it can be taken`,
      );
  };
}

const offTexts = {
  gone: "it answered 410. Remove it, or send a test once it is back",
  failing: "nothing was accepted for five days. Mend it, send a test, then replay what it missed",
} as const;

/** @throws {SealingError} */
async function send(deps: WebhookDeps, delivery: ClaimedDelivery): Promise<AttemptOutcome> {
  const { allowLoopback, resolveHost: resolve, keyWrapping } = deps;
  const { endpoint, event } = delivery;
  const secrets = await openWebhookSecrets(keyWrapping, endpoint);
  // The flag may have been taken away since the endpoint was added.
  const url = parseWebhookUrl(endpoint.url, allowLoopback);
  if (!url) return { kind: "failed", error: "address_not_allowed" };
  const found = await checkAddresses(url, { resolve, allowLoopback });
  if (found.kind === "refused") return { kind: "failed", error: found.error };
  const told = event === undefined ? testBody(delivery) : webhookBody(event);
  const body = JSON.stringify(told);
  const headers = {
    "content-type": "application/json",
    "user-agent": "Authio-Webhooks/1",
    "authio-signature": signWebhook(secrets, body, new Date()),
    "authio-webhook-id": `whd_${delivery.id}`,
    "authio-webhook-endpoint": endpoint.id,
    "authio-event": told.action,
    "authio-event-id": told.id,
    "authio-event-action": told.action,
  };
  return postWebhook(
    { url, addresses: found.addresses, headers, body },
    Context.current().cancellationSignal,
  );
}

/** Of nobody and about the endpoint alone, in the shape of every other. */
function testBody({ id, endpoint, createdAt }: ClaimedDelivery) {
  return {
    id: `test_${id}`,
    action: "webhook.test",
    created_at: createdAt.toISOString(),
    project_id: null,
    organization_id: null,
    user_id: null,
    target_type: "webhook_endpoint",
    target_id: endpoint.id,
    metadata: {},
    actor: { type: "system", id: null },
  };
}
