import type { Client } from "@temporalio/client";
import { taskQueue } from "../domain/provision-contract.ts";
import {
  type WebhookRuns,
  webhookWakeSignal,
  webhookWorkflowIdOf,
  webhookWorkflowType,
} from "../domain/webhooks.ts";
import type { deliverWebhooks } from "../workflows/index.ts";

const deadlineMs = 2000;

/** The port to the endpoints' workflows. */
export function createWebhookRuns(client: Client): WebhookRuns {
  return {
    async wake(endpointId) {
      await client.withDeadline(Date.now() + deadlineMs, () =>
        client.workflow.signalWithStart<typeof deliverWebhooks>(webhookWorkflowType, {
          taskQueue,
          workflowId: webhookWorkflowIdOf(endpointId),
          args: [{ endpointId }],
          signal: webhookWakeSignal,
          signalArgs: [],
          workflowIdReusePolicy: "ALLOW_DUPLICATE",
          workflowTaskTimeout: "5s",
        }),
      );
    },
  };
}
