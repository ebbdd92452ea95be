import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface RunningProcess {
  readonly pid: number;
  /** Program and arguments, joined by spaces. */
  readonly command: string;
}

/** The processes that this user can see; a dead one that nobody has collected is none. */
export async function listProcesses(): Promise<RunningProcess[]> {
  if (process.platform === "win32") return [];
  if (process.platform !== "linux") {
    const { stdout } = await run("ps", ["-axww", "-o", "pid=,command="], { maxBuffer: 16 * 2 ** 20 });
    return stdout.split("\n").flatMap((line) => {
      const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined || command === undefined ? [] : [{ pid: Number(pid), command }];
    });
  }
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => commandOf(Number(pid))));
  return found.flatMap((command, at) => (command === "" ? [] : [{ pid: Number(pids[at]), command }]));
}

/** On Linux; empty when the process is gone. */
export async function commandOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return text.split("\0").join(" ").trim();
}

/** Tells a process from a later one of the same number; undefined when there is none. */
export async function identityOf(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === "linux") {
      const [stat, boot] = await Promise.all([
        readFile(`/proc/${pid}/stat`, "utf8"),
        readFile("/proc/sys/kernel/random/boot_id", "utf8"),
      ]);
      // The program's name, in parentheses, may hold anything. Behind it: state, and as the 20th field the start.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? undefined : `${boot.trim()} ${fields[19]}`;
    }
    if (process.platform !== "win32")
      return (await run("ps", ["-o", "lstart=", "-p", String(pid)])).stdout.trim() || undefined;
    process.kill(pid, 0);
    return "alive";
  } catch {
    return undefined;
  }
}

const patienceMs = 10_000;

/** Sends the signal and waits until the process is gone; after 10 s it is killed. */
export async function endProcess(pid: number, signal: NodeJS.Signals): Promise<void> {
  const identity = await identityOf(pid);
  if (identity === undefined) return;
  const endMs = Date.now() + patienceMs;
  send(pid, signal);
  while ((await identityOf(pid)) === identity) {
    if (Date.now() > endMs) send(pid, "SIGKILL");
    await sleep(50);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
