import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { createMaintenanceActivities, createProvisionActivities } from "../activities/index.ts";
import { settleDue } from "../activities/maintenance/settle-due.ts";
import { openDatabase } from "../db/client.ts";
import type { Logger } from "../domain/logger.ts";
import { taskQueue } from "../domain/provision-contract.ts";
import { firstLook } from "./first-look.ts";
import { loggedTelemetry } from "./logged-telemetry.ts";
import { startLoop } from "./loop.ts";
import { startReconciler } from "./start-reconciler.ts";
import { ensureMaintenanceSchedule } from "../temporal/maintenance-schedule.ts";
import type { Ports } from "./ports.ts";
import { openTemporalClient, temporalOptions } from "../temporal/client.ts";
import { createProvisionRuns } from "../temporal/provision-runs.ts";
import { type ConfiguredWorker, type Patience, wireActivities } from "./wire-activities.ts";

/** What `npm run build` leaves beside the compiled code; without it the workflows are bundled at start (2 s more). */
export const bundlePath = fileURLToPath(new URL("../workflow-bundle.js", import.meta.url));
const workflowsPath =
  ["ts", "js"]
    .map((ending) => fileURLToPath(new URL(`../workflows/index.${ending}`, import.meta.url)))
    .find((path) => existsSync(path)) ?? "";

/** Strays are due 15 s after a request's end. */
const settleEveryMs = 15_000;
const settlePassMs = 60_000;

export interface RunningWorker {
  /** Rejects when the worker dies by itself. */
  readonly ended: Promise<void>;
  /** Drains: running activities get up to 20 s. */
  stop(): Promise<void>;
}

/**
 * Installs Temporal's runtime, which a process has once, before its first worker: its warnings go through our logger,
 * its chatter at info level stays out, and signals stay ours. A second call throws.
 */
export function installTemporalRuntime(log: Logger): void {
  const logger = new DefaultLogger("WARN", ({ level, message, meta }) => {
    const activity = typeof meta?.["activityType"] === "string" ? { activity: meta["activityType"] } : {};
    log[level === "ERROR" ? "error" : "warn"](`temporal: ${message}`, activity);
  });
  Runtime.install({
    logger,
    telemetryOptions: { logging: { filter: "ERROR", forward: {} } },
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
  const { ssoOrigin } = config.provisioning;
  const { namespace, connectionOptions } = temporalOptions(config);
  const connection = await NativeConnection.connect(
    connectionOptions as Parameters<typeof NativeConnection.connect>[0],
  );
  const database = openDatabase(config.database);
  const deps = wireActivities(config, database, options.patience, {
    telemetry: loggedTelemetry(log),
    ...options.ports,
  });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    ...(options.workflowBundle
      ? { workflowBundle: options.workflowBundle }
      : existsSync(bundlePath)
        ? { workflowBundle: { codePath: bundlePath } }
        : { workflowsPath }),
    activities: { ...createProvisionActivities(deps), ...createMaintenanceActivities(deps) },
    ...(config.deployment
      ? {
          workerDeploymentOptions: {
            version: config.deployment,
            useWorkerVersioning: true,
            // A run ends on the version that it began on; the next version takes the new ones.
            defaultVersioningBehavior: "PINNED",
          },
        }
      : {}),
    shutdownGraceTime: "20s",
    // After a crash, what was meant for the dead worker's own queue moves on after this.
    stickyQueueScheduleToStartTimeout: "500ms",
    // Several heartbeats fit into a heartbeat timeout, so that one late one means nothing.
    maxHeartbeatThrottleInterval: "600ms",
    maxCachedWorkflows: 200,
    maxConcurrentActivityTaskExecutions: 50,
  });
  const client = openTemporalClient(config);
  void firstLook(database, log);
  await ensureMaintenanceSchedule(client).catch((error: Error) =>
    log.warn("the maintenance schedule could not be made; expiring secrets are not renewed", {
      reason: error.name,
    }),
  );
  const loops = [
    startReconciler({ database, runs: createProvisionRuns(client), log }, { ssoOrigin }),
    startLoop("settling", log, async () => {
      await settleDue(deps, () => AbortSignal.timeout(settlePassMs))({});
      return settleEveryMs;
    }),
  ];
  const ended = runToEnd(worker, async () => {
    await Promise.all(loops.map((loop) => loop.stop()));
    await Promise.allSettled([client.connection.close(), connection.close(), database.close()]);
  });
  return {
    ended,
    async stop() {
      if (worker.getState() === "RUNNING") worker.shutdown();
      await ended;
    },
  };
}

async function runToEnd(worker: Worker, close: () => Promise<void>): Promise<void> {
  try {
    await worker.run();
  } finally {
    await close();
  }
}
