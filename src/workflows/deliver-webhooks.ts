import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from "@temporalio/workflow";
import { type WebhookActivities, webhookQueue, webhookWakeSignal } from "../domain/webhooks.ts";

/** On a queue of their own: endpoints that hang never take a place from what makes connections. */
const { listDueDeliveries, attemptDelivery } = proxyActivities<WebhookActivities>({
  taskQueue: webhookQueue,
  startToCloseTimeout: "30s",
  heartbeatTimeout: "2500ms",
  retry: { initialInterval: 400, backoffCoefficient: 1.8, maximumInterval: "30s" },
});
const wake = defineSignal(webhookWakeSignal);

const historyEventsMax = 2000;
/** After a bug of ours in one attempt. */
const pauseAfterBug = "1m";

/**
 * Delivers what waits for one endpoint: several connections at once, each one's events one after the other. Ends when
 * nothing waits; a worker starts it again when something does. The rows say what, when and whether; the history holds
 * ids.
 */
export async function deliverWebhooks(input: { readonly endpointId: string }): Promise<void> {
  const { endpointId } = input;
  const inFlight = new Set<number>();
  let isWoken = false;
  setHandler(wake, () => void (isWoken = true));

  const attempt = async (deliveryId: number): Promise<void> => {
    inFlight.add(deliveryId);
    try {
      await attemptDelivery({ endpointId, deliveryId });
    } catch {
      await sleep(pauseAfterBug);
    } finally {
      inFlight.delete(deliveryId);
      isWoken = true;
    }
  };

  for (;;) {
    isWoken = false;
    const { due, limit, nextInMs } = await listDueDeliveries({ endpointId });
    const free = due.filter((id) => !inFlight.has(id)).slice(0, Math.max(0, limit - inFlight.size));
    for (const id of free) void attempt(id);
    if (inFlight.size === 0 && nextInMs === null && !isWoken) return;
    await (nextInMs === null ? condition(() => isWoken) : condition(() => isWoken, nextInMs));
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    if (historyLength > historyEventsMax || continueAsNewSuggested) {
      await condition(() => inFlight.size === 0);
      await continueAsNew<typeof deliverWebhooks>(input);
    }
  }
}
