import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { migrateDatabase } from "../../dist/db/migrate.js";
import { freePort } from "../../dist/embedded/free-port.js";
import { startEmbeddedPostgres } from "../../dist/embedded/postgres.js";
import { startTemporalServer } from "../../dist/embedded/temporal-server.js";
import { childNamed } from "./cpu.mjs";

/**
 * PostgreSQL, Temporal, the simulator, an api and a worker, each a process of its own, so that what each takes can be
 * told apart. `settings` are variables beside those that it sets; `flags` are Node's, for api and worker.
 */
export async function startStack(settings = {}, flags = []) {
  const tell = (line) => process.stderr.write(`${line}\n`);
  const [database, temporal, simulator] = await Promise.all([
    startEmbeddedPostgres(undefined),
    startTemporalServer({ port: await freePort(), tell }),
    startSimulatorProcess(),
  ]);
  await migrateDatabase(database.url);
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const environment = {
    ...process.env,
    ...simulator.environment,
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    PORT: String(port),
    HOST: "127.0.0.1",
    LOG_LEVEL: process.env.LOG_LEVEL ?? "error",
    AUTHIO_IMPORT_CREDS_KEY: randomBytes(32).toString("base64"),
    AUTHIO_MS_CONSENT_RETURN_HOSTS: "127.0.0.1",
    AUTHIO_SSO_ORIGIN: origin,
    AUTHIO_MANAGEMENT_ORIGIN: origin,
    AUTHIO_DASHBOARD_URL: `${origin}/`,
    ...settings,
  };
  const [api, worker] = ["api", "worker"].map((command) =>
    startProcess([command], environment, "inherit", flags),
  );
  const workers = [worker];
  const sql = postgres(database.url, { max: 2, onnotice: () => {} });
  const [{ server_version: postgresVersion }] = await sql`show server_version`;
  await untilReady(`${origin}/readyz`);
  return {
    origin,
    environment,
    sql,
    postgresVersion,
    temporalAddress: temporal.address,
    /** Those that are started later belong here too, so that they end with the rest. */
    workers,
    simulatorOrigin: simulator.environment.AUTHIO_MS_LOGIN_ORIGIN,
    provisioningApp: {
      clientId: simulator.environment.AUTHIO_MS_PROVISION_CLIENT_ID,
      clientSecret: simulator.environment.AUTHIO_MS_PROVISION_CLIENT_SECRET,
    },
    pids: {
      api: api.pid,
      worker: worker.pid,
      temporal: childNamed("temporal"),
      postgres: childNamed("postgres"),
    },
    async stop() {
      await sql.end();
      for (const child of [api, ...workers, simulator.child]) await end(child);
      await temporal.stop();
      await database.stop();
    },
  };
}

/** A process of the product, its output ours. */
export function startProcess(words, environment, stdout = "inherit", flags = []) {
  return spawn(process.execPath, [...flags, "dist/cli/main.js", ...words], {
    env: environment,
    stdio: ["ignore", stdout, "inherit"],
  });
}

/** The simulator says which variables lead to it. */
export async function startSimulatorProcess() {
  const child = startProcess(["simulator", "--port", "0"], process.env, "pipe");
  const environment = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) environment[name] = value;
    // The last of them.
    if (name === "AUTHIO_ALLOW_INSECURE_LOOPBACK") break;
  }
  return { child, environment };
}

async function untilReady(url) {
  const endMs = Date.now() + 30_000;
  while (!(await fetch(url).catch(() => undefined))?.ok) {
    if (Date.now() > endMs) throw new Error("the api did not become ready within 30 s");
    await sleep(100);
  }
}

/** Ends a process that this run started, and waits for its end. */
export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}
