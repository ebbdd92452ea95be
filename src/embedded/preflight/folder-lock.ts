import { readFileSync, rmSync } from "node:fs";
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { identityOf } from "./processes.ts";

/** Who works with a data folder. */
export interface Holder {
  readonly pid: number;
  readonly url: string;
}

interface Lock extends Holder {
  readonly identity: string;
}

export const lockName = "running.json";

/**
 * Takes the data folder for this process until it ends; made, and closed to others, where it is new. Repeat by the same
 * process: no change. What a killed process left is taken over.
 * @returns the living process that has it, or undefined when it is ours
 */
export async function takeFolder(folder: string, url: string): Promise<Holder | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const file = path.join(folder, lockName);
  const own: Lock = { pid: process.pid, identity: (await identityOf(process.pid)) ?? "", url };
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    for (;;) {
      // A link is made whole or not at all, and by one process only.
      if (await link(draft, file).then(isDone, isTaken)) {
        process.once("exit", () => release(file));
        return undefined;
      }
      const found = await readLock(file);
      if (found && (await identityOf(found.pid)) === found.identity)
        return found.pid === process.pid ? undefined : { pid: found.pid, url: found.url };
      await removeStale(file, found);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

const isDone = (): boolean => true;
function isTaken(error: NodeJS.ErrnoException): boolean {
  if (error.code === "EEXIST") return false;
  throw error;
}

async function readLock(file: string): Promise<Lock | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Lock;
  } catch {
    return undefined;
  }
}

/** Another process may do the same and be quicker: what it has put there meanwhile is put back. */
async function removeStale(file: string, stale: Lock | undefined): Promise<void> {
  const aside = `${file}.stale.${process.pid}`;
  await rename(file, aside).catch(() => undefined);
  const moved = await readLock(aside);
  if (moved && moved.identity !== stale?.identity) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

function release(file: string): void {
  try {
    const { pid } = JSON.parse(readFileSync(file, "utf8")) as Lock;
    if (pid === process.pid) rmSync(file);
  } catch {
    // Forgotten with the folder, or taken over: nothing of ours is left.
  }
}
