import { randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Hono } from "hono";
import { loadApiConfig, loadWorkerConfig } from "../../config/load-config.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import type { Logger } from "../../domain/logger.ts";
import { startSimulator } from "../../simulator/server.ts";
import { serveHttp } from "../serve.ts";
import { installTemporalLogger, startWorker } from "../worker.ts";
import { wireApi } from "../wiring.ts";
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

/** Brings up the whole product on loopback. `tell` receives a line as each part comes up. */
export async function startStack(options: {
  ports: StackPorts;
  dataFolder: string | undefined;
  log: Logger;
  tell: (line: string) => void;
}): Promise<Stack> {
  const { ports, dataFolder, log, tell } = options;
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0).toReversed())
      await stopOne().catch((error: Error) =>
        log.warn("a part did not stop cleanly", { reason: error.name }),
      );
  };
  const startedMs = performance.now();
  const up = async <T extends { stop(): Promise<void> }>(what: string, part: Promise<T>): Promise<T> => {
    const started = await part;
    stops.push(() => started.stop());
    tell(`${what} is up (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
    return started;
  };
  try {
    if (dataFolder !== undefined) await mkdir(dataFolder, { recursive: true });
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
        : { url: process.env["DATABASE_URL"] },
      outside === undefined
        ? up("Temporal", startTemporalServer({ port: ports.temporal, ...uiPort, ...databaseFile, tell }))
        : { address: outside },
      up(
        "Entra simulator",
        startSimulator({ port: ports.simulator, provisioningApp: secrets }).then((simulator) => ({
          ...simulator,
          stop: () => simulator.close(),
        })),
      ),
    ]);
    const [postgres, temporal, simulator] = parts.map((part) => {
      if (part.status === "rejected") throw part.reason;
      return part.value;
    }) as [{ url: string }, { address: string }, { origin: string }];
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
    };
    const api = wireApi(loadApiConfig(environment), log);
    stops.push(() => api.close());
    front.route(
      "/",
      developmentDashboard(
        sessions,
        async (url, init) => api.app.request(new URL(url, appOrigin), init),
        () => simulator.origin,
      ),
    );
    front.all("*", (c) => api.app.fetch(c.req.raw, c.env));
    tell("API and dashboard are up");
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
  if (existsSync(file)) return JSON.parse(await readFile(file, "utf8")) as StackSecrets;
  await writeFile(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}
