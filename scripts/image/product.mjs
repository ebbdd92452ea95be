import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { freePort } from "../../dist/embedded/free-port.js";
import { startEmbeddedPostgres } from "../../dist/embedded/postgres.js";
import { startTemporalServer } from "../../dist/embedded/temporal-server.js";
import { finishClick, newClicker, proveClick } from "../measure/click.mjs";
import { end, startSimulatorProcess } from "../measure/stack.mjs";

const startMs = 60_000;

/** Servers of this clone, and the commands of a product that lies in another folder. `program` says as whom they run. */
export async function openProduct({ folder, program, tell }) {
  const [server, temporal, simulator] = await Promise.all([
    startEmbeddedPostgres(undefined),
    startTemporalServer({ port: await freePort(), tell }),
    startSimulatorProcess(),
  ]);
  const [port, watchPort] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${port}`;
  const environment = {
    PATH: process.env.PATH,
    ...program.env,
    ...simulator.environment,
    DATABASE_URL: await makeRuntimeRole(server),
    TEMPORAL_ADDRESS: temporal.address,
    PORT: String(port),
    AUTHIO_IMPORT_CREDS_KEY: randomBytes(32).toString("base64"),
    AUTHIO_MS_CONSENT_RETURN_HOSTS: "127.0.0.1",
    AUTHIO_SSO_ORIGIN: origin,
    AUTHIO_MANAGEMENT_ORIGIN: origin,
    AUTHIO_DASHBOARD_URL: `${origin}/`,
  };
  const running = new Map();
  const run = (command, own) => {
    const child = spawn(process.execPath, ["dist/cli/main.js", command], {
      ...program,
      cwd: folder,
      env: { ...environment, ...own },
      stdio: ["ignore", "inherit", "pipe"],
    });
    child.words = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (child.words += text));
    return child;
  };
  return {
    /** What `migrate` has said, as the owner of the tables. */
    async migrate() {
      const child = run("migrate", { DATABASE_URL: server.url });
      const [code] = await once(child, "close");
      if (code !== 0) throw new Error(`migrate ended with ${code}:\n${child.words}`);
      return child.words;
    },
    /** Starts api or worker; how many ms until it says that it is ready. */
    async start(command) {
      const begunMs = performance.now();
      const child = run(command, command === "worker" ? { AUTHIO_METRICS_PORT: String(watchPort) } : {});
      running.set(command, child);
      const readyAt = `http://127.0.0.1:${command === "worker" ? watchPort : port}/readyz`;
      while (!(await fetch(readyAt).catch(() => undefined))?.ok) {
        if (child.exitCode !== null || performance.now() - begunMs > startMs)
          throw new Error(`${command} does not become ready:\n${child.words}`);
        await sleep(10);
      }
      return Math.round(performance.now() - begunMs);
    },
    async click() {
      const stack = { origin, simulatorOrigin: simulator.environment.AUTHIO_MS_LOGIN_ORIGIN };
      const clicker = await newClicker(stack);
      await finishClick(clicker, (await proveClick(stack, clicker)).leg2);
    },
    memoryMiB(command) {
      const status = readFileSync(`/proc/${running.get(command).pid}/status`, "utf8");
      return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
    },
    /** Stops api and worker as a supervisor does; what each exited with. */
    async stopProcesses() {
      const children = [...running.entries()];
      running.clear();
      return Promise.all(
        children.map(async ([command, child]) => {
          await end(child);
          return { command, code: child.exitCode };
        }),
      );
    },
    async stop() {
      await this.stopProcesses();
      await end(simulator.child);
      await temporal.stop();
      await server.stop();
    },
  };
}

/** What docs/operations.md asks for: api and worker run as another role than the tables' owner. Gives its address. */
async function makeRuntimeRole(server) {
  const password = randomBytes(12).toString("hex");
  const sql = postgres(server.adminUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe("create role authio_runtime nologin");
  await sql.unsafe(`create role authio_app login password '${password}' in role authio_runtime`);
  await sql.end();
  return Object.assign(new URL(server.url), { username: "authio_app", password }).href;
}
