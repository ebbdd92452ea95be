import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DataFolderError } from "./data-folder-error.ts";
import { guard } from "./guard.ts";
import { findTemporalBinary } from "./temporal-binary.ts";
import { untilExit } from "./until-exit.ts";

export interface TemporalServer {
  readonly address: string;
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** The flags of the compose file, so that container and launcher say the same. */
async function composeFlags(): Promise<string[]> {
  const file = await readFile(fileURLToPath(new URL("../../temporal-dev.yml", import.meta.url)), "utf8");
  const flags = [...file.matchAll(/^\s+- (["'])(--(?:search-attribute|dynamic-config-value)=.+)\1$/gm)].map(
    (match) => match[2] ?? "",
  );
  if (flags.length === 0) throw new Error("temporal-dev.yml has no flags to read");
  return flags;
}

/**
 * Where the server keeps its data. It reads the name as part of an address: `C#/demo` would end at `C`, beside the folder,
 * where the next start does not look. Such a folder is its working directory; any other stays in the arguments, by which
 * a server that was left behind is found.
 */
function storeOf(file: string | undefined): { flags: readonly string[]; place: { cwd?: string } } {
  if (file === undefined) return { flags: [], place: {} };
  const { dir: cwd, base } = path.parse(file);
  return /[#?%]/.test(file)
    ? { flags: ["--db-filename", base], place: { cwd } }
    : { flags: ["--db-filename", file], place: {} };
}

/**
 * Starts Temporal's dev server on loopback. Without `databaseFile` it forgets everything when it stops. It ends with this
 * process, however that ends.
 */
export async function startTemporalServer(options: {
  port: number;
  uiPort?: number;
  databaseFile?: string;
  tell: (line: string) => void;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
  /** Its process was begun. */
  onLaunch?: () => void;
}): Promise<TemporalServer> {
  const { signal } = options;
  const binary = await findTemporalBinary(options.tell, signal);
  const flags = await composeFlags();
  signal?.throwIfAborted();
  const ui = options.uiPort === undefined ? ["--headless"] : ["--ui-port", String(options.uiPort)];
  const store = storeOf(options.databaseFile);
  const server = spawn(
    binary,
    [
      "server",
      "start-dev",
      "--ip",
      "127.0.0.1",
      "--port",
      String(options.port),
      "--log-level",
      "error",
      ...ui,
      ...store.flags,
      ...flags,
    ],
    // A session of its own: Ctrl-C and a closing terminal must reach us first, so that things stop in order.
    {
      ...store.place,
      stdio: ["ignore", "ignore", "pipe"],
      detached: process.platform !== "win32",
    },
  );
  server.on("error", () => undefined);
  guard(server, "TERM");
  options.onLaunch?.();
  let output = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-2000)));
  const address = `127.0.0.1:${options.port}`;
  // Loaded while the server starts, which takes about as long.
  const { Connection } = await import("@temporalio/client");
  const endMs = Date.now() + 30_000;
  const isWorthWaiting = (): boolean =>
    server.pid !== undefined && server.exitCode === null && !signal?.aborted && Date.now() < endMs;
  while (isWorthWaiting()) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: "1s" });
      await connection.workflowService.describeNamespace({ namespace: "default" });
      await connection.close();
      return {
        address,
        async stop(signal = "SIGTERM") {
          server.kill(signal);
          await untilExit(server);
        },
      };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  server.kill(signal?.aborted ? "SIGTERM" : "SIGKILL");
  if (server.pid !== undefined) await untilExit(server);
  signal?.throwIfAborted();
  if (options.databaseFile !== undefined && /not a database|malformed|disk image/.test(output))
    throw new DataFolderError(
      `Temporal's store ${options.databaseFile} is damaged. Delete that file alone and start again: what was under way is taken up from PostgreSQL.`,
    );
  throw new Error(
    server.pid === undefined
      ? `Temporal's dev server ${binary} cannot be run.`
      : `Temporal's dev server did not start. Its last words:\n${output}`,
  );
}
