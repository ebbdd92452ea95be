import { ConfigError } from "../config/environment.ts";
import { followSignal } from "../domain/follow-signal.ts";
import { keepCompiled } from "../processes/keep-compiled.ts";
import { createLogger } from "../processes/log.ts";
import { abortWithoutNpm } from "../embedded/npm-watch.ts";
import { abortOnSignal } from "../processes/signals.ts";
import { wordsOfError } from "./words-of-error.ts";

/** One command per process; each loads only what it needs. */
async function main([command, ...args]: readonly string[]): Promise<number> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  switch (command) {
    case "start": {
      const interrupted = abortWhenLeft();
      return (await import("./start.ts")).start(args, print, interrupted);
    }
    case "demo": {
      const interrupted = abortWhenLeft();
      return (await import("./demo.ts")).demo(args, print, interrupted);
    }
    case "simulator":
      return (await import("./simulator.ts")).simulator(args, print);
    case "bundle":
      await (await import("./bundle.ts")).bundle();
      return 0;
    case "ms-provision":
      // Whoever read as far as they wanted, as `head` does, ends the command, also one that follows what happens.
      process.stdout.on("error", () => process.exit(0));
      return (await import("./ms-provision.ts")).msProvision(args, { environment: process.env, print });
    case "migrate": {
      const { loadServiceConfig } = await import("../config/load-service-config.ts");
      const config = loadServiceConfig(process.env);
      await (
        await import("../processes/migrate.ts")
      ).migrate(config, createLogger(config.logLevel, { process: "migrate" }));
      return 0;
    }
    case "api": {
      const { loadApiConfig } = await loadConfig();
      const config = loadApiConfig(process.env);
      await (
        await import("../processes/run-api.ts")
      ).runApi(config, createLogger(config.logLevel, { process: "api" }));
      return 0;
    }
    case "worker": {
      const { loadWorkerConfig } = await loadConfig();
      const config = loadWorkerConfig(process.env);
      await (
        await import("../processes/run-worker.ts")
      ).runWorker(config, createLogger(config.logLevel, { process: "worker" }));
      return 0;
    }
    default:
      print(
        "Usage: node dist/cli/main.js api | worker | migrate | start | demo | simulator | ms-provision | bundle",
      );
      return command === "--help" || command === "help" ? 0 : 2;
  }
}

/** By a signal, or by an npm that is gone. */
function abortWhenLeft(): AbortSignal {
  const left = new AbortController();
  for (const source of [abortOnSignal(), abortWithoutNpm()]) followSignal(left, source);
  return left.signal;
}

const loadConfig = () => import("../config/load-config.ts");

function describe(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return `${(error as Error).name}: ${wordsOfError(error)}`;
}

// A terminal that closes, or a pipe's reader that leaves, must not end a process that has things to stop.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
keepCompiled();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Connection strings and values stay out of sight: a configuration error holds names, others their message.
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
}
// The Temporal runtime keeps handles open after everything has been closed.
process.exit();
