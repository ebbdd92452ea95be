import { readFileSync } from "node:fs";

const everyMs = 500;

/**
 * Aborted when the npm that runs this process is gone: npm and the shell between pass on some signals and no kill, and
 * nobody would know that the product goes on. Without npm above us, or where it cannot be seen: never.
 */
export function abortWithoutNpm(): AbortSignal {
  const gone = new AbortController();
  if (process.platform === "linux" && process.env["npm_lifecycle_event"] !== undefined) {
    const above = runnersAbove();
    const look = (): void => {
      if (above.length > 0 && above.every((pid) => statOf(pid) !== undefined) && process.ppid === above[0])
        return;
      clearInterval(timer);
      gone.abort(new Error("interrupted"));
    };
    const timer = setInterval(look, everyMs);
    timer.unref();
    look();
  }
  return gone.signal;
}

/** The shell, if there is one, and npm; empty when they are gone already. */
function runnersAbove(): number[] {
  const parent = process.ppid;
  const stat = statOf(parent);
  if (stat === undefined) return [];
  if (!/^\(.*sh\)$/.test(stat.name)) return /npm|node|pnpm|yarn|bun/.test(stat.name) ? [parent] : [];
  const runner = statOf(stat.parent);
  return runner !== undefined && /npm|node|pnpm|yarn|bun/.test(runner.name) ? [parent, stat.parent] : [];
}

/** Undefined for a process that is gone or dead. */
function statOf(pid: number): { name: string; parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = stat.lastIndexOf(")") + 1;
    const [state, parent] = stat.slice(end + 1).split(" ");
    if (state === "Z" || state === "X") return undefined;
    return { name: stat.slice(stat.indexOf("("), end), parent: Number(parent) };
  } catch {
    return undefined;
  }
}
