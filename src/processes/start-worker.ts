import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from "@temporalio/worker";
import { createMaintenanceActivities, createProvisionActivities } from "../activities/index.ts";
import { openDatabase } from "../db/client.ts";
import type { Logger } from "../domain/logger.ts";
import { taskQueue } from "../domain/provision-contract.ts";
import { firstLook } from "./first-look.ts";
import { loggedTelemetry } from "./logged-telemetry.ts";
import { createWebhookWorker } from "./webhook-worker.ts";
import { startWorkerLoops } from "./worker-loops.ts";
import type { Ports } from "./ports.ts";
import { tracedWorker } from "./traced-worker.ts";
import { workflowSource } from "./workflow-source.ts";
import { noTracing } from "../domain/tracing.ts";
import { openTemporalClient, temporalOptions } from "../temporal/client.ts";
import { type ConfiguredWorker, type Patience, wireActivities } from "./wire-activities.ts";

/** What `npm run build` leaves beside the compiled code; without it the workflows are bundled at start (2 s more). */
export const bundlePath = fileURLToPath(new URL("../workflow-bundle.js", import.meta.url));

export interface RunningWorker {
  /** Rejects when the worker dies by itself. */
  readonly ended: Promise<void>;
  /** Drains: running activities get up to 20 s. */
  stop(): Promise<void>;
}

/**
 * Installs Temporal's runtime, which a process has once, before its first worker: its warnings go through our logger,
 * its chatter at info level stays out, and signals stay ours. A second call throws.
 * @param metrics where it shows its own, loopback only; without, nowhere
 */
export function installTemporalRuntime(log: Logger, metrics?: { readonly bindAddress: string }): void {
  const logger = new DefaultLogger("WARN", ({ level, message, meta }) => {
    // Webhooks have a queue of activities alone: that is meant so, and would mislead who looks for workers.
    if (message.startsWith("No workflows registered")) return;
    const activity = typeof meta?.["activityType"] === "string" ? { activity: meta["activityType"] } : {};
    log[level === "ERROR" ? "error" : "warn"](`temporal: ${message}`, activity);
  });
  Runtime.install({
    logger,
    telemetryOptions: {
      logging: { filter: "ERROR", forward: {} },
      ...(metrics
        ? {
            metrics: {
              prometheus: {
                bindAddress: metrics.bindAddress,
                unitSuffix: true,
                useSecondsForDurations: true,
                countersTotalSuffix: true,
              },
            },
          }
        : {}),
    },
    shutdownSignals: [],
  });
}

/** Starts polling; resolves once Temporal is reached. */
export async function startWorker(
  config: ConfiguredWorker,
  log: Logger,
  options: {
    workflowBundle?: { code: string };
    patience?: Patience;
    ports?: Ports;
  } = {},
): Promise<RunningWorker> {
  const { namespace, connectionOptions } = temporalOptions(config);
  const connection = await NativeConnection.connect(
    connectionOptions as Parameters<typeof NativeConnection.connect>[0],
  );
  const { tracing = noTracing } = options.ports ?? {};
  const database = openDatabase(config.database, { tracing });
  const deps = wireActivities(config, database, options.patience, {
    telemetry: loggedTelemetry(log),
    ...options.ports,
  });
  const versioning: Pick<WorkerOptions, "workerDeploymentOptions"> = config.deployment
    ? {
        workerDeploymentOptions: {
          version: config.deployment,
          useWorkerVersioning: true,
          // A run ends on the version that it began on; the next version takes the new ones.
          defaultVersioningBehavior: "PINNED",
        },
      }
    : {};
  const workflowBundle =
    options.workflowBundle ?? (existsSync(bundlePath) ? { codePath: bundlePath } : undefined);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    ...(workflowBundle ? { workflowBundle } : { workflowsPath: workflowSource.workflowsPath }),
    activities: { ...createProvisionActivities(deps), ...createMaintenanceActivities(deps) },
    ...tracedWorker(tracing, { isBundled: workflowBundle !== undefined }),
    ...versioning,
    shutdownGraceTime: "20s",
    // After a crash, what was meant for the dead worker's own queue moves on after this.
    stickyQueueScheduleToStartTimeout: "500ms",
    // Several heartbeats fit into a heartbeat timeout, so that one late one means nothing.
    maxHeartbeatThrottleInterval: "400ms",
    maxCachedWorkflows: 200,
    maxConcurrentActivityTaskExecutions: 50,
  });
  const workers = [worker, await createWebhookWorker(deps, { connection, namespace, ...versioning })];
  const client = openTemporalClient(config, tracing);
  void firstLook(database, log);
  const loops = startWorkerLoops(deps, client, log, tracing);
  const ended = runToEnd(workers, async () => {
    await Promise.all(loops.map((loop) => loop.stop()));
    await Promise.allSettled([client.connection.close(), connection.close(), database.close()]);
  });
  return {
    ended,
    async stop() {
      shutDown(workers);
      await ended;
    },
  };
}

function shutDown(workers: readonly Worker[]): void {
  for (const worker of workers) if (worker.getState() === "RUNNING") worker.shutdown();
}

/** One that dies takes the other with it: half a worker would look like a whole one. */
async function runToEnd(workers: readonly Worker[], close: () => Promise<void>): Promise<void> {
  try {
    const runs = workers.map((worker) => worker.run().finally(() => shutDown(workers)));
    await Promise.allSettled(runs);
    await Promise.all(runs);
  } finally {
    await close();
  }
}
