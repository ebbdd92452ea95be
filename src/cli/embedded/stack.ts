import { randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Hono } from "hono";
import { loadApiConfig, loadWorkerConfig } from "../../config/load-config.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import type { Logger } from "../../domain/logger.ts";
import type { Realism } from "../../simulator/options.ts";
import { startSimulator } from "../../simulator/server.ts";
import { serveHttp } from "../serve.ts";
import { installTemporalLogger, startWorker } from "../worker.ts";
import { wireApi } from "../wiring.ts";
import type { StackPart, TellProgress } from "./board.ts";
import { developmentDashboard } from "./development-dashboard.ts";
import {
  createDevelopmentSessions,
  developmentAudience,
  type DevelopmentSessions,
} from "./development-sessions.ts";
import { startEmbeddedPostgres } from "./postgres.ts";
import { startTemporalServer } from "./temporal-server.ts";

export interface StackPorts {
  readonly app: number;
  readonly simulator: number;
  readonly temporal: number;
  readonly temporalUi?: number;
}

export interface Stack {
  readonly appOrigin: string;
  readonly simulatorOrigin: string;
  readonly temporalAddress: string;
  readonly sessions: DevelopmentSessions;
  /** Stops everything in the reverse order of its start. Repeat: nothing left to stop. */
  stop(): Promise<void>;
}

interface StackSecrets {
  readonly masterKey: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What is kept between starts is not usable. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
}

/** Brings up the whole product on loopback. `tell` hears how far each part is. */
export async function startStack(options: {
  ports: StackPorts;
  dataFolder: string | undefined;
  /** How the simulated Microsoft behaves. */
  realism?: Partial<Realism>;
  /** Settings that differ from the embedded defaults. */
  environment?: Readonly<Record<string, string>>;
  log: Logger;
  tell: TellProgress;
}): Promise<Stack> {
  const { ports, dataFolder, log, tell } = options;
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0).toReversed())
      await stopOne().catch((error: Error) =>
        log.warn("a part did not stop cleanly", { reason: error.name }),
      );
  };
  const up = async <T extends { stop(): Promise<void> }>(what: StackPart, part: Promise<T>): Promise<T> => {
    tell(what, "starting");
    const started = await part;
    stops.push(() => started.stop());
    tell(what, "is up", true);
    return started;
  };
  const given = <T>(what: StackPart, variable: string, value: T): T => {
    tell(what, `the one of ${variable}`, true);
    return value;
  };
  try {
    if (dataFolder !== undefined)
      await mkdir(dataFolder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        throw new DataFolderError(`${dataFolder} cannot be made (${error.code})`);
      });
    const secrets = await stackSecrets(dataFolder);
    const databaseFile =
      dataFolder === undefined ? {} : { databaseFile: path.join(dataFolder, "temporal.db") };
    const uiPort = ports.temporalUi === undefined ? {} : { uiPort: ports.temporalUi };
    const outside = process.env["TEMPORAL_ADDRESS"];
    const parts = await Promise.allSettled([
      process.env["DATABASE_URL"] === undefined
        ? up(
            "PostgreSQL",
            startEmbeddedPostgres(dataFolder === undefined ? undefined : path.join(dataFolder, "postgres")),
          )
        : given("PostgreSQL", "DATABASE_URL", { url: process.env["DATABASE_URL"] }),
      outside === undefined
        ? up(
            "Temporal",
            startTemporalServer({
              port: ports.temporal,
              ...uiPort,
              ...databaseFile,
              tell: (line) => tell("Temporal", line),
            }),
          )
        : given("Temporal", "TEMPORAL_ADDRESS", { address: outside }),
      up(
        "Entra simulator",
        startSimulator({
          port: ports.simulator,
          provisioningApp: secrets,
          ...(options.realism ? { realism: options.realism } : {}),
          dataFile: dataFolder === undefined ? undefined : path.join(dataFolder, "simulator.json"),
        }).then((simulator) => ({
          ...simulator,
          stop: () => simulator.close(),
        })),
      ),
    ]);
    const [postgres, temporal, simulator] = parts.map((part) => {
      if (part.status === "rejected") throw part.reason;
      return part.value;
    }) as [{ url: string }, { address: string }, { origin: string }];
    tell("API and dashboard", "migrating the database");
    await migrateDatabase(postgres.url);

    // The API's own origin is part of its configuration, so a front is opened first and filled afterwards.
    const front = new Hono();
    const server = await serveHttp(front.fetch, "127.0.0.1", ports.app);
    stops.push(() => server.stop());
    const appOrigin = `http://localhost:${server.port}`;
    const sessions = await createDevelopmentSessions(appOrigin);
    const environment = {
      ...process.env,
      DATABASE_URL: postgres.url,
      TEMPORAL_ADDRESS: temporal.address,
      // Some shells export the machine's name under this one.
      HOST: "127.0.0.1",
      AUTHIO_MS_PROVISION_CLIENT_ID: secrets.clientId,
      AUTHIO_MS_PROVISION_CLIENT_SECRET: secrets.clientSecret,
      AUTHIO_IMPORT_CREDS_KEY: secrets.masterKey,
      AUTHIO_MS_CONSENT_RETURN_HOSTS: "localhost",
      AUTHIO_SSO_ORIGIN: appOrigin,
      AUTHIO_MANAGEMENT_ORIGIN: appOrigin,
      AUTHIO_DASHBOARD_URL: `${appOrigin}/`,
      AUTHIO_SESSION_ISSUER: appOrigin,
      AUTHIO_SESSION_AUDIENCE: developmentAudience,
      AUTHIO_SESSION_JWKS_URL: `${appOrigin}/dev/jwks`,
      AUTHIO_MS_LOGIN_ORIGIN: simulator.origin,
      AUTHIO_MS_GRAPH_ORIGIN: simulator.origin,
      AUTHIO_ALLOW_INSECURE_LOOPBACK: "1",
      ...options.environment,
    };
    const api = wireApi(loadApiConfig(environment), log);
    stops.push(async () => {
      // Open event streams end first; the server would wait for them.
      api.beginStop();
      await server.stop();
      await api.close();
    });
    front.route(
      "/",
      developmentDashboard(
        sessions,
        async (url, init) => api.app.request(new URL(url, appOrigin), init),
        simulator.origin,
      ),
    );
    front.all("*", (c) => api.app.fetch(c.req.raw, c.env));
    tell("API and dashboard", "are up", true);
    installTemporalLogger(log);
    const workerConfig = loadWorkerConfig(environment);
    if (workerConfig.provisioning.kind !== "configured")
      throw new Error("the embedded stack must be configured");
    await up("Worker", startWorker({ ...workerConfig, provisioning: workerConfig.provisioning }, log));
    return {
      appOrigin,
      simulatorOrigin: simulator.origin,
      temporalAddress: temporal.address,
      sessions,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Keys of this installation: made once, kept beside the data they protect. */
async function stackSecrets(dataFolder: string | undefined): Promise<StackSecrets> {
  const made: StackSecrets = {
    masterKey: randomBytes(32).toString("base64"),
    clientId: randomUUID(),
    clientSecret: randomBytes(24).toString("base64url"),
  };
  if (dataFolder === undefined) return made;
  const file = path.join(dataFolder, "development-secrets.json");
  if (existsSync(file)) {
    try {
      return JSON.parse(await readFile(file, "utf8")) as StackSecrets;
    } catch {
      throw new DataFolderError(`${file} cannot be read`);
    }
  }
  await writeFile(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}
