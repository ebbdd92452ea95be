import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inject } from "vitest";

/** The product compiled as production runs it, inside the repository so that its packages are found. */
const folder = path.resolve("node_modules/.cache/fault-build");
/** Where the processes keep temporary files, so that they can be searched. */
export const processTmp = path.join(folder, "tmp");
const entry = path.join(folder, "cli/main.js");

/** Said in the run's first process, so that all others know it too. */
const isCompiled = "TESTED_PRODUCT_IS_COMPILED";

/**
 * Compiles once for the whole run, and leaves types to the check that has them for its task. A second call changes
 * nothing, also in another process: what another file's processes run from must not go. The workflow bundle is the one
 * the tests have made.
 */
export function compileProduct(): void {
  if (process.env[isCompiled] === folder) return;
  rmSync(folder, { recursive: true, force: true });
  execFileSync(process.execPath, [
    "node_modules/typescript/bin/tsc",
    "-p",
    "tsconfig.build.json",
    "--noCheck",
    "--outDir",
    folder,
  ]);
  for (const assets of ["db/migrations", "dashboard/assets", "simulator/assets"])
    cpSync(path.join("src", assets), path.join(folder, assets), { recursive: true });
  mkdirSync(processTmp);
  process.env[isCompiled] = folder;
}

export interface Process {
  readonly pid: number;
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<number | null>;
}

/** Starts a process of the compiled product and waits for the line that says it works; `lines` gets all it writes. */
export async function startProcess(
  command: "worker" | "api",
  environment: Readonly<Record<string, string>>,
  lines: string[],
): Promise<Process> {
  const bundle = path.join(folder, "workflow-bundle.js");
  if (!existsSync(bundle)) writeFileSync(bundle, inject("workflowBundle"));
  const child: ChildProcess = spawn(process.execPath, [entry, command], {
    env: { PATH: process.env["PATH"], TMPDIR: processTmp, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const readyLine = command === "worker" ? "worker is polling" : "api is listening";
  await new Promise<void>((resolve, reject) => {
    const hear = (text: string): void => {
      lines.push(text);
      output += text;
      if (output.includes(readyLine)) resolve();
    };
    child.stdout?.setEncoding("utf8").on("data", hear);
    child.stderr?.setEncoding("utf8").on("data", hear);
    child.once("exit", (code) => reject(new Error(`${command} exited with ${code}: ${output}`)));
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal) =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode);
        child.once("exit", (code) => resolve(code));
        child.kill(signal);
      }),
  };
}
