import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { commandOf } from "./processes.ts";

const run = promisify(execFile);

/** Who listens on a TCP port of this machine, in words; as much as this user may see. */
export async function describePortHolder(port: number): Promise<string> {
  const found = process.platform === "linux" ? await fromProc(port) : await fromLsof(port);
  return found ?? "another program";
}

async function fromLsof(port: number): Promise<string | undefined> {
  try {
    const { stdout } = await run("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fp"]);
    const pid = /^p(\d+)$/m.exec(stdout)?.[1];
    if (pid === undefined) return undefined;
    return describe(Number(pid), (await run("ps", ["-ww", "-o", "command=", "-p", pid])).stdout.trim());
  } catch {
    return undefined;
  }
}

async function fromProc(port: number): Promise<string | undefined> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")),
  );
  const listening = "0A";
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const sockets = tables
    .flatMap((table) => table.split("\n"))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => state === listening && local.endsWith(`:${hexPort}`))
    .map((fields) => ({ uid: fields[7] ?? "", link: `socket:[${fields[9]}]` }));
  const pid = await holderOf(sockets.map(({ link }) => link));
  if (pid !== undefined) return describe(pid, await commandOf(pid));
  const uid = sockets[0]?.uid;
  return uid === undefined ? undefined : `a program of the user ${await userName(uid)}`;
}

async function holderOf(links: readonly string[]): Promise<number | undefined> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const folder = `/proc/${pid}/fd`;
    // Other users' processes are closed to us.
    for (const fd of await readdir(folder).catch(() => []))
      if (links.includes(await readlink(path.join(folder, fd)).catch(() => ""))) return Number(pid);
  }
  return undefined;
}

async function userName(uid: string): Promise<string> {
  const users = (await readFile("/etc/passwd", "utf8").catch(() => "")).split("\n");
  return users.find((line) => line.split(":")[2] === uid)?.split(":")[0] ?? uid;
}

const wordsMax = 60;

/** The program and what it runs; options stay out, they may hold passwords. */
function describe(pid: number, command: string): string {
  const [program = "", ...rest] = command.replace(/\p{C}/gu, " ").split(" ");
  const subject = rest.find((word) => word !== "");
  const words = [
    path.basename(program),
    ...(subject === undefined || subject.startsWith("-") ? [] : [subject]),
  ];
  return `${words.join(" ").slice(0, wordsMax)} (process ${pid})`;
}
