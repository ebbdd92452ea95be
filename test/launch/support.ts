import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../src/embedded/free-port.ts";
import { type DataPlaces, dataPlaces } from "../../src/embedded/preflight/data-places.ts";
import { listProcesses } from "../../src/embedded/preflight/processes.ts";

export const readyLine = "Ctrl-C stops everything";

/** What `npm start` runs, in a clone of its own with ports and data of its own. */
export async function newClone() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "launch-clone-"));
  const pieces = ["src", "scripts", "examples", "package.json", "package-lock.json", "temporal-dev.yml"];
  pieces.push(...readdirSync(".").filter((name) => /^tsconfig.*\.json$/.test(name)));
  for (const piece of pieces) cpSync(piece, path.join(folder, piece), { recursive: true });
  symlinkSync(path.resolve("node_modules"), path.join(folder, "node_modules"));
  const ports = {
    PORT: String(await freePort()),
    SIMULATOR_PORT: String(await freePort()),
    TEMPORAL_PORT: String(await freePort()),
    TEMPORAL_UI_PORT: String(await freePort()),
    SAMPLE_PORT: String(await freePort()),
  };
  const places = dataPlaces(path.join(folder, ".data"));
  const started: ChildProcess[] = [];
  return {
    places,
    origin: `http://localhost:${ports.PORT}`,
    simulatorOrigin: `http://localhost:${ports.SIMULATOR_PORT}`,
    /** `npm` puts npm and its shell above it, as a person does. */
    start(environment: Readonly<Record<string, string>> = {}, through: "node" | "npm" = "node"): Launch {
      const {
        DATABASE_URL: _url,
        TEMPORAL_ADDRESS: _address,
        npm_lifecycle_event: _npm,
        ...own
      } = process.env;
      const [program, words] =
        through === "npm" ? ["npm", ["start"]] : [process.execPath, ["scripts/start.mjs", "start"]];
      const child = spawn(program, words, {
        cwd: folder,
        env: { ...own, ...ports, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
      });
      started.push(child);
      return new Launch(child);
    },
    /** PostgreSQL and Temporal that work with this clone's data, as two looks agree. */
    servers: async (): Promise<number[]> => {
      const first = await serversOf(places);
      await sleep(150);
      const second = await serversOf(places);
      return first.filter((pid) => second.includes(pid));
    },
    /** Whatever a failed test has left. */
    async remove(): Promise<void> {
      for (const child of started) child.kill("SIGKILL");
      for (const pid of await this.servers()) process.kill(pid, "SIGKILL");
      for (const place of [folder, places.postgres]) rmSync(place, { recursive: true, force: true });
    },
  };
}

/** For a moment a child that PostgreSQL has just forked still bears the server's own command line. */
async function serversOf({ temporalFile, postgres }: DataPlaces): Promise<number[]> {
  const marks = [temporalFile, `postgres -D ${postgres}`];
  const running = await listProcesses();
  return running.filter(({ command }) => marks.some((mark) => command.includes(mark))).map(({ pid }) => pid);
}

export class Launch {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  output = "";

  constructor(child: ChildProcess) {
    this.child = child;
    this.ended = once(child, "exit");
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (this.output += text));
  }

  /** Waits until it has written this; fails at once when it ends without. */
  async until(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`it ended before it wrote “${text}”:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Sends a signal and gives the exit code. */
  async end(signal: NodeJS.Signals): Promise<unknown> {
    this.child.kill(signal);
    return (await this.ended)[0];
  }

  /** The shells that see to it that no server outlives it. */
  guards(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          const parent = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1];
          return (
            Number(parent) === this.child.pid &&
            readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("authio-guard")
          );
        } catch {
          return false;
        }
      });
  }
}
