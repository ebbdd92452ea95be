import { Hono } from "hono";
import { loadApiConfig, loadWorkerConfig } from "../config/load-config.ts";
import { migrateDatabase } from "../db/migrate.ts";
import type { Logger } from "../domain/logger.ts";
import { installTemporalRuntime, startWorker } from "../processes/start-worker.ts";
import { wireApi } from "../processes/wire-api.ts";
import type { StackPart, TellProgress } from "./board.ts";
import { developmentDashboard } from "./development-dashboard.ts";
import {
  type createDevelopmentSessions,
  developmentSessionOf,
  type DevelopmentUser,
  issuerPath,
} from "./development-sessions.ts";
import type { startFront } from "./front.ts";
import type { DataPlaces } from "./preflight/data-places.ts";
import { startSampleApplication } from "./sample-application.ts";
import { stackEnvironment } from "./stack-environment.ts";
import { keepStackSettings } from "./stack-file.ts";
import type { stackSecrets } from "./stack-secrets.ts";
import { unlessAborted } from "./unless-aborted.ts";

interface Surroundings {
  readonly ports: { readonly sample: number };
  readonly environment?: Readonly<Record<string, string>>;
  readonly places: DataPlaces | undefined;
  readonly front: Awaited<ReturnType<typeof startFront>>;
  readonly secrets: Awaited<ReturnType<typeof stackSecrets>>;
  readonly sessions: Awaited<ReturnType<typeof createDevelopmentSessions>>;
  readonly servers: {
    readonly postgres: { readonly url: string };
    readonly temporal: { readonly address: string };
    readonly simulator: { readonly origin: string };
  };
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly tell: TellProgress;
  /** Tells how a part starts, and takes its stop. */
  readonly up: <T extends { stop(): Promise<unknown> }>(what: StackPart, part: Promise<T>) => Promise<T>;
  /** What is to be stopped, in the order of the starts. */
  readonly stops: (() => Promise<void>)[];
}

/** API, dashboard, sample application and worker on servers that are up. A module apart: it takes longest to load. */
export async function runProduct(around: Surroundings): Promise<{
  readonly appOrigin: string;
  readonly sampleOrigin: string;
  readonly sessionOf: (user: DevelopmentUser) => Promise<string>;
}> {
  const { ports, places, front, secrets, sessions, servers, log, signal, tell, up, stops } = around;
  const simulatorOrigin = servers.simulator.origin;
  tell("API and dashboard", "migrating the database");
  await unlessAborted(signal, migrateDatabase(servers.postgres.url));

  const appOrigin = `http://localhost:${front.port}`;
  const sample = await startSampleApplication(appOrigin, ports.sample);
  stops.push(() => sample.stop());
  const sessionOf = (user: DevelopmentUser): Promise<string> =>
    sessions.sign(`${simulatorOrigin}${issuerPath}`, developmentSessionOf(user));
  const environment = {
    ...stackEnvironment({
      databaseUrl: servers.postgres.url,
      temporalAddress: servers.temporal.address,
      appOrigin,
      simulatorOrigin,
      secrets,
      applicationsFile: sample.file,
    }),
    ...around.environment,
  };
  if (places) {
    const kept = await keepStackSettings(places.settingsFile, environment);
    stops.push(() => kept.forget());
  }
  const api = wireApi(loadApiConfig(environment), log);
  stops.push(async () => {
    // Open event streams end first; the server would wait for them.
    api.beginStop();
    await front.stop();
    await api.close();
  });
  const app = new Hono();
  app.route(
    "/",
    developmentDashboard({ sessionOf, sampleOrigin: sample.origin, simulatorOrigin }, async (url, init) =>
      api.app.request(new URL(url, appOrigin), init),
    ),
  );
  app.all("*", (c) => api.app.fetch(c.req.raw, c.env));
  front.open(app.fetch);
  tell("API and dashboard", "are up", true);
  installTemporalRuntime(log);
  const workerConfig = loadWorkerConfig(environment);
  if (workerConfig.provisioning.kind !== "configured")
    throw new Error("the embedded stack must be configured");
  const worker = startWorker({ ...workerConfig, provisioning: workerConfig.provisioning }, log);
  await up(
    "Worker",
    unlessAborted(signal, worker, (late) => late.stop()),
  );
  return { appOrigin, sampleOrigin: sample.origin, sessionOf };
}
