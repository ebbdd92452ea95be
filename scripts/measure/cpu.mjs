import { readdirSync, readFileSync } from "node:fs";

/** What `getconf CLK_TCK` says on every Linux that Node runs on. */
const tickMs = 10;

const statOf = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return undefined;
  }
};

/** Of a process and all below it: PostgreSQL has a process for each connection. */
function familyOf(pid) {
  const parents = new Map();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? statOf(name) : undefined;
    if (stat) parents.set(Number(name), Number(stat[1]));
  }
  const family = [pid];
  for (const member of family)
    for (const [child, parent] of parents) if (parent === member) family.push(child);
  return family;
}

/** The process whose name begins so that this one started; undefined elsewhere than on Linux. */
export function childNamed(name) {
  try {
    return familyOf(process.pid)
      .slice(1)
      .find((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").startsWith(name));
  } catch {
    return undefined;
  }
}

/** User and system time in ms, with that of children that have ended. Linux only; NaN elsewhere. */
function cpuMs(pid) {
  let ticks = 0;
  try {
    for (const member of familyOf(pid)) {
      const stat = statOf(member);
      // Children that ended are counted by their parent.
      if (stat) ticks += [11, 12, 13, 14].reduce((sum, field) => sum + Number(stat[field]), 0);
    }
  } catch {
    return Number.NaN;
  }
  return ticks * tickMs;
}

/** Does `work` and gives, beside its value, the CPU time in ms that each of the named processes took meanwhile. */
export async function withCpu(pids, work) {
  const look = () => Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]);
  const before = Object.fromEntries(look());
  const value = await work();
  return { value, cpu: Object.fromEntries(look().map(([name, ms]) => [name, ms - before[name]])) };
}

export function residentMiB(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
  } catch {
    return Number.NaN;
  }
}
