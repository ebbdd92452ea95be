import { mkdir } from "node:fs/promises";
import path from "node:path";
import { Hono } from "hono";
import { loadApiConfig, loadWorkerConfig } from "../config/load-config.ts";
import { migrateDatabase } from "../db/migrate.ts";
import type { Logger } from "../domain/logger.ts";
import { BrokenDataFile } from "../simulator/data-file.ts";
import type { Realism } from "../simulator/options.ts";
import { startSimulator } from "../simulator/server.ts";
import { dataPlaces } from "./preflight/data-places.ts";
import type { OutsideServers } from "./preflight/outside-servers.ts";
import { installTemporalRuntime, startWorker } from "../processes/start-worker.ts";
import { wireApi } from "../processes/wire-api.ts";
import type { StackPart, TellProgress } from "./board.ts";
import { DataFolderError } from "./data-folder-error.ts";
import { developmentDashboard } from "./development-dashboard.ts";
import {
  createDevelopmentSessions,
  developmentSessionOf,
  type DevelopmentUser,
  issuerPath,
} from "./development-sessions.ts";
import { startSampleApplication } from "./sample-application.ts";
import { startFront } from "./front.ts";
import { startEmbeddedPostgres } from "./postgres.ts";
import { stackEnvironment } from "./stack-environment.ts";
import { stackSecrets } from "./stack-secrets.ts";
import { startTemporalServer } from "./temporal-server.ts";

export interface StackPorts {
  readonly app: number;
  readonly simulator: number;
  readonly temporal: number;
  readonly temporalUi?: number;
  readonly sample: number;
}

export interface Stack {
  readonly appOrigin: string;
  readonly simulatorOrigin: string;
  /** An application that people can sign in to. */
  readonly sampleOrigin: string;
  readonly temporalAddress: string;
  /** A session JWT of one of the development users. */
  sessionOf(user: DevelopmentUser): Promise<string>;
  /** Stops everything in the reverse order of its start. Repeat: nothing left to stop. */
  stop(): Promise<void>;
}

export interface StackOptions {
  readonly ports: StackPorts;
  /** Undefined keeps nothing. One stack at a time may have it; `takeFolder` sees to that. */
  readonly dataFolder: string | undefined;
  readonly outside?: OutsideServers;
  /** How the simulated Microsoft behaves. */
  readonly realism?: Partial<Realism>;
  /** Settings that differ from the embedded defaults. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends a start that is under way: it rejects when everything that was begun has stopped. */
  readonly signal?: AbortSignal;
  readonly log: Logger;
  readonly tell: TellProgress;
}

/** Brings up the whole product on loopback. `tell` hears how far each part is. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { ports, dataFolder, outside = {}, tell } = options;
  const places = dataFolder === undefined ? undefined : dataPlaces(dataFolder);
  const failing = new AbortController();
  const signal = AbortSignal.any([failing.signal, ...(options.signal ? [options.signal] : [])]);
  const log = silentAfter(options.signal, options.log);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0).toReversed())
      await stopOne().catch((error: Error) =>
        log.warn("a part did not stop cleanly", { reason: error.name }),
      );
  };
  const up = async <T extends { stop(): Promise<unknown> }>(
    what: StackPart,
    part: Promise<T>,
  ): Promise<T> => {
    tell(what, "starting");
    try {
      const started = await part;
      stops.push(async () => void (await started.stop()));
      signal.throwIfAborted();
      tell(what, "is up", true);
      return started;
    } catch (error) {
      // The others need not go on.
      failing.abort(error);
      throw error;
    }
  };
  const given = async <T>(what: StackPart, variable: string, value: T): Promise<T> => {
    tell(what, `the one of ${variable}`, true);
    return value;
  };
  try {
    const front = await startFront(ports.app);
    stops.push(() => front.stop());
    if (places) await mkdir(places.folder, { recursive: true, mode: 0o700 });
    const secrets = await stackSecrets(places?.secretsFile);
    const sessions = await createDevelopmentSessions();
    const parts = [
      outside.databaseUrl === undefined
        ? up("PostgreSQL", startEmbeddedPostgres(places && path.join(places.folder, "postgres"), signal))
        : given("PostgreSQL", "DATABASE_URL", { url: outside.databaseUrl }),
      outside.temporalAddress === undefined
        ? up(
            "Temporal",
            startTemporalServer({
              port: ports.temporal,
              ...(ports.temporalUi === undefined ? {} : { uiPort: ports.temporalUi }),
              ...(places === undefined ? {} : { databaseFile: places.temporalFile }),
              tell: (line) => tell("Temporal", line),
              signal,
            }),
          )
        : given("Temporal", "TEMPORAL_ADDRESS", { address: outside.temporalAddress }),
      up(
        "Entra simulator",
        startSimulator({
          port: ports.simulator,
          provisioningApp: secrets,
          mounts: { [issuerPath]: sessions.routes },
          ...(options.realism ? { realism: options.realism } : {}),
          dataFile: places?.simulatorFile,
        }).then(
          (simulator) => ({ ...simulator, stop: () => simulator.close() }),
          (error: Error) => {
            throw error instanceof BrokenDataFile ? new DataFolderError(error.message, true) : error;
          },
        ),
      ),
    ] as const;
    await Promise.allSettled(parts);
    signal.throwIfAborted();
    const [postgres, temporal, simulator] = await Promise.all(parts);
    tell("API and dashboard", "migrating the database");
    await unlessAborted(signal, migrateDatabase(postgres.url));

    const appOrigin = `http://localhost:${front.port}`;
    const sample = await startSampleApplication(appOrigin, ports.sample);
    stops.push(() => sample.stop());
    const sessionOf = (user: DevelopmentUser): Promise<string> =>
      sessions.sign(`${simulator.origin}${issuerPath}`, developmentSessionOf(user));
    const environment = {
      ...stackEnvironment({
        databaseUrl: postgres.url,
        temporalAddress: temporal.address,
        appOrigin,
        simulatorOrigin: simulator.origin,
        secrets,
        applicationsFile: sample.file,
      }),
      ...options.environment,
    };
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
      developmentDashboard(
        { sessionOf, sampleOrigin: sample.origin, simulatorOrigin: simulator.origin },
        async (url, init) => api.app.request(new URL(url, appOrigin), init),
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
    return {
      appOrigin,
      simulatorOrigin: simulator.origin,
      sampleOrigin: sample.origin,
      temporalAddress: temporal.address,
      sessionOf,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits no longer than until the signal; what comes after it is undone. */
async function unlessAborted<T>(
  signal: AbortSignal,
  work: Promise<T>,
  undo: (late: T) => Promise<void> = async () => undefined,
): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => {
      work.then(undo).catch(() => undefined);
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  return Promise.race([work, aborted]);
}

/** Parts that are stopped halfway complain of each other; nobody needs to read that. */
function silentAfter(signal: AbortSignal | undefined, log: Logger): Logger {
  const write =
    (level: keyof Logger): Logger["warn"] =>
    (message, fields) =>
      void (signal?.aborted || log[level](message, fields));
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
