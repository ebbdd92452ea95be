import { type NativeConnection, Worker, type WorkerOptions } from "@temporalio/worker";
import { createWebhookActivities } from "../activities/webhooks/index.ts";
import type { WebhookDeps } from "../activities/webhooks/deps.ts";
import { webhookQueue } from "../domain/webhooks.ts";

/** Attempts at a time: each may hang for ten seconds. */
const attemptsMax = 50;

/** Sends webhooks, from a queue of its own: receivers that hang take no place from what makes connections. */
export function createWebhookWorker(
  deps: WebhookDeps,
  options: Pick<WorkerOptions, "namespace" | "workerDeploymentOptions"> & { connection: NativeConnection },
): Promise<Worker> {
  return Worker.create({
    ...options,
    taskQueue: webhookQueue,
    activities: createWebhookActivities(deps),
    shutdownGraceTime: "20s",
    maxHeartbeatThrottleInterval: "600ms",
    maxConcurrentActivityTaskExecutions: attemptsMax,
  });
}
