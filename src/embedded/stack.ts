import { mkdir } from "node:fs/promises";
import path from "node:path";
import { followSignal } from "../domain/follow-signal.ts";
import type { Logger } from "../domain/logger.ts";
import { BrokenDataFile } from "../simulator/data-file.ts";
import type { Realism } from "../simulator/options.ts";
import { startSimulator } from "../simulator/server.ts";
import { dataPlaces } from "./preflight/data-places.ts";
import type { OutsideServers } from "./preflight/outside-servers.ts";
import type { StackPart, TellProgress } from "./board.ts";
import { DataFolderError } from "./data-folder-error.ts";
import { createDevelopmentSessions, type DevelopmentUser, issuerPath } from "./development-sessions.ts";
import { startFront } from "./front.ts";
import { startEmbeddedPostgres } from "./postgres.ts";
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
  followSignal(failing, options.signal);
  const { signal } = failing;
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
    const launches: Promise<void>[] = [];
    const launch = (): (() => void) => {
      let onLaunch = (): void => undefined;
      launches.push(new Promise((resolve) => (onLaunch = resolve)));
      return onLaunch;
    };
    const parts = [
      outside.databaseUrl === undefined
        ? up(
            "PostgreSQL",
            startEmbeddedPostgres(places && path.join(places.folder, "postgres"), signal, launch()),
          )
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
              onLaunch: launch(),
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
    // While the servers start, this process loads what is to work with them.
    const product = Promise.all(launches).then(() => import("./product.ts"));
    product.catch(() => undefined);
    await Promise.allSettled(parts);
    signal.throwIfAborted();
    const [postgres, temporal, simulator] = await Promise.all(parts);
    const { runProduct } = await product;
    const { appOrigin, sampleOrigin, sessionOf } = await runProduct({
      ...options,
      places,
      front,
      secrets,
      sessions,
      servers: { postgres, temporal, simulator },
      log,
      signal,
      up,
      stops,
    });
    return {
      appOrigin,
      simulatorOrigin: simulator.origin,
      sampleOrigin,
      temporalAddress: temporal.address,
      sessionOf,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Parts that are stopped halfway complain of each other; nobody needs to read that. */
function silentAfter(signal: AbortSignal | undefined, log: Logger): Logger {
  const write =
    (level: keyof Logger): Logger["warn"] =>
    (message, fields) =>
      void (signal?.aborted || log[level](message, fields));
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
