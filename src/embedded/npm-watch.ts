import { readFileSync } from "node:fs";

const everyMs = 500;

/**
 * Aborted when the npm that runs this process is gone: npm and the shell between pass on some signals and no kill, and
 * nobody would know that the product goes on. Without npm above us, or where it cannot be seen: never.
 */
export function abortWithoutNpm(): AbortSignal {
  const gone = new AbortController();
  const isOurScript = ["start", "demo"].includes(process.env["npm_lifecycle_event"] ?? "");
  const above = process.platform === "linux" && isOurScript ? runnersAbove() : [];
  if (above.length > 0) {
    const look = (): void => {
      if (process.ppid === above[0] && above.every(isRunner)) return;
      clearInterval(timer);
      gone.abort(new Error("interrupted"));
    };
    const timer = setInterval(look, everyMs);
    timer.unref();
    look();
  }
  return gone.signal;
}

/**
 * npm, below it the shell if there is one, nearest first. Other parents are no business of ours; but whoever has been
 * orphaned already, while it was compiled, has the system's first process in npm's place.
 */
function runnersAbove(): number[] {
  const parent = process.ppid;
  const stat = statOf(parent);
  if (stat === undefined || parent === orphanage || isManager.test(stat.name)) return [parent];
  if (!isShell.test(stat.name)) return [];
  const isManaged = stat.parent === orphanage || isManager.test(statOf(stat.parent)?.name ?? "");
  return isManaged ? [parent, stat.parent] : [];
}

const orphanage = 1;
const isShell = /^\((?:ba|da|z|k)?sh\)$/;
const isManager = /npm|yarn|bun|node/;
const isRunner = (pid: number): boolean => {
  const name = statOf(pid)?.name;
  return name !== undefined && (isShell.test(name) || isManager.test(name));
};

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
