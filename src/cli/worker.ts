import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { createProvisionActivities } from "../activities/index.ts";
import type { WorkerConfig } from "../config/config.ts";
import { openDatabase } from "../db/client.ts";
import type { Logger } from "../domain/logger.ts";
import { taskQueue } from "../domain/provision-contract.ts";
import { createAppTokens } from "../entra/app-token.ts";
import { graphApplications } from "../entra/graph-applications.ts";
import { startReconciler } from "./reconciler.ts";
import { openTemporalClient, temporalOptions } from "./temporal-client.ts";
import { createProvisionRuns } from "./temporal-runs.ts";

/** What `npm run build` leaves beside the compiled code; without it the workflows are bundled at start (2 s more). */
export const bundlePath = fileURLToPath(new URL("../workflow-bundle.js", import.meta.url));
const workflowsPath =
  ["ts", "js"]
    .map((ending) => fileURLToPath(new URL(`../workflows/index.${ending}`, import.meta.url)))
    .find((path) => existsSync(path)) ?? "";

export interface RunningWorker {
  /** Rejects when the worker dies by itself. */
  readonly ended: Promise<void>;
  /** Drains: running activities get up to 20 s. */
  stop(): Promise<void>;
}

/** Sends Temporal's own warnings through our logger; its chatter at info level stays out. */
export function installTemporalLogger(log: Logger): void {
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
  config: WorkerConfig & { provisioning: { kind: "configured" } },
  log: Logger,
  options: { workflowBundle?: { code: string } } = {},
): Promise<RunningWorker> {
  const { app, ssoOrigin } = config.provisioning;
  const { namespace, connectionOptions } = temporalOptions(config);
  const connection = await NativeConnection.connect(
    connectionOptions as Parameters<typeof NativeConnection.connect>[0],
  );
  const database = openDatabase(config.databaseUrl);
  const tokens = createAppTokens({
    cloud: config.cloud,
    clientId: app.clientId,
    clientSecret: app.clientSecret,
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
    activities: createProvisionActivities({
      database,
      keyring: app.keyring,
      cloud: config.cloud,
      ssoOrigin,
      provisioningClientId: app.clientId,
      adoptWindowMs: config.adoptWindowMs,
      applicationsOf: (tenantId, signal) =>
        graphApplications({ cloud: config.cloud, tokens, tenantId, signal }),
    }),
    shutdownGraceTime: "20s",
    maxCachedWorkflows: 200,
    maxConcurrentActivityTaskExecutions: 50,
  });
  const client = openTemporalClient(config);
  const reconciler = startReconciler({ database, runs: createProvisionRuns(client), log });
  const ended = runToEnd(worker, async () => {
    await reconciler.stop();
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
