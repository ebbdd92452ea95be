import { ConfigError } from "../config/environment.ts";
import { loadApiConfig, loadServiceConfig, loadWorkerConfig } from "../config/load-config.ts";
import { adviceFor } from "../db/database-advice.ts";
import { DatabaseError } from "../db/database-error.ts";
import { firstLook } from "../processes/first-look.ts";
import { createLogger } from "../processes/log.ts";
import { abortWithoutNpm } from "../embedded/npm-watch.ts";
import { abortOnSignal, untilSignal } from "../processes/signals.ts";

/** One command per process; each loads only what it needs. */
async function main([command, ...args]: readonly string[]): Promise<number> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  switch (command) {
    case "start": {
      const interrupted = AbortSignal.any([abortOnSignal(), abortWithoutNpm()]);
      return (await import("./start.ts")).start(args, print, interrupted);
    }
    case "demo": {
      const interrupted = AbortSignal.any([abortOnSignal(), abortWithoutNpm()]);
      return (await import("./demo.ts")).demo(args, print, interrupted);
    }
    case "simulator":
      return (await import("./simulator.ts")).simulator(args, print);
    case "bundle":
      await (await import("./bundle.ts")).bundle();
      return 0;
    case "ms-provision":
      return (await import("./ms-provision.ts")).msProvision(args, { environment: process.env, print });
    case "migrate": {
      const config = loadServiceConfig(process.env);
      await (
        await import("../processes/migrate.ts")
      ).migrate(config, createLogger(config.logLevel, { process: "migrate" }));
      return 0;
    }
    case "api":
      return runApi();
    case "worker":
      return runWorker();
    default:
      print(
        "Usage: node dist/cli/main.js api | worker | migrate | start | demo | simulator | ms-provision | bundle",
      );
      return 2;
  }
}

async function runApi(): Promise<number> {
  const config = loadApiConfig(process.env);
  const log = createLogger(config.logLevel, { process: "api" });
  const [{ wireApi }, { serveHttp }] = await Promise.all([
    import("../processes/wire-api.ts"),
    import("../processes/serve.ts"),
  ]);
  const api = wireApi(config, log);
  const server = await serveHttp(api.app.fetch, config.host, config.port);
  log.info("api is listening", {
    port: server.port,
    role: config.role,
    provisioning: config.provisioning.kind,
  });
  void firstLook(api.database, log);
  await untilSignal();
  api.beginStop();
  await server.stop();
  await api.close();
  log.info("api has stopped");
  return 0;
}

async function runWorker(): Promise<number> {
  const config = loadWorkerConfig(process.env);
  const log = createLogger(config.logLevel, { process: "worker" });
  const stopped = untilSignal();
  const { provisioning } = config;
  if (provisioning.kind !== "configured") {
    log.warn(
      "the worker idles: AUTHIO_MS_PROVISION_CLIENT_ID and AUTHIO_MS_PROVISION_CLIENT_SECRET are not set",
    );
    const keepAlive = setInterval(() => {}, 60_000);
    await stopped;
    clearInterval(keepAlive);
    return 0;
  }
  const { installTemporalRuntime, startWorker } = await import("../processes/start-worker.ts");
  installTemporalRuntime(log);
  const worker = await startWorker({ ...config, provisioning }, log);
  log.info("worker is polling");
  await Promise.race([stopped, worker.ended]);
  await worker.stop();
  log.info("worker has stopped");
  return 0;
}

function describe(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { name, message } = error as Error;
  const advice = error instanceof DatabaseError ? adviceFor(error.code) : undefined;
  return `${name}: ${message}${advice === undefined ? "" : `; ${advice}`}`;
}

// A terminal that closes, or a pipe's reader that leaves, must not end a process that has things to stop.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Connection strings and values stay out of sight: a configuration error holds names, others their message.
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
}
// The Temporal runtime keeps handles open after everything has been closed.
process.exit();
