import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { listProcesses } from "./preflight/processes.ts";
import { DataFolderError } from "./data-folder-error.ts";

const run = promisify(execFile);

/** The server's administrator, and the role that the product has: an ordinary owner of its database. */
export interface PostgresPasswords {
  readonly admin: string;
  readonly authio: string;
}

/** Who runs PostgreSQL, when it is not this user. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface Surroundings {
  readonly binaries: string;
  readonly owner: Owner | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Everybody who asks from this machine needs a password, and nobody else is heard. */
const accessRules = "host all all 127.0.0.1/32 scram-sha-256\n";

/**
 * Brings the data of a server into a usable state: made where there are none, closed to other users, with passwords
 * that only this user can read. Data of before, which asked for no password, get them. Repeat: no change.
 */
export async function preparePostgresData(base: string, around: Surroundings): Promise<PostgresPasswords> {
  const data = path.join(base, "data");
  await chmod(base, 0o700);
  if (around.owner) await chown(base, around.owner.uid, around.owner.gid);
  await claim(data);
  const isNew = !existsSync(path.join(data, "PG_VERSION"));
  if (!isNew) await requireSameVersion(data, around.binaries);
  const file = path.join(base, "passwords.json");
  const kept = isNew ? undefined : await readPasswords(file);
  const passwords = kept ?? { admin: newPassword(), authio: newPassword() };
  if (isNew) await initialise(base, passwords, around);
  else if (!kept) await setPasswords(data, passwords, around);
  if (!kept) await writeWhole(file, JSON.stringify(passwords));
  await writeFile(path.join(data, "pg_hba.conf"), accessRules);
  return passwords;
}

/**
 * A server that was killed leaves a note with its number, and PostgreSQL takes any later process of that number for it.
 * @throws {DataFolderError} when a server really works with these data
 */
async function claim(data: string): Promise<void> {
  const found = (await listProcesses()).find(({ command }) => `${command} `.includes(`postgres -D ${data} `));
  if (found) throw new DataFolderError(`${data} is in use by another PostgreSQL (process ${found.pid}).`);
  if (process.platform !== "win32") await rm(path.join(data, "postmaster.pid"), { force: true });
}

const newPassword = (): string => randomBytes(24).toString("base64url");

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function readPasswords(file: string): Promise<PostgresPasswords | undefined> {
  try {
    const { admin, authio } = JSON.parse(await readFile(file, "utf8")) as Partial<PostgresPasswords>;
    return admin === undefined || authio === undefined ? undefined : { admin, authio };
  } catch {
    return undefined;
  }
}

/** Made beside its place and then moved: an interrupted attempt leaves nothing that looks like data. */
async function initialise(base: string, passwords: PostgresPasswords, around: Surroundings): Promise<void> {
  const [draft, passwordFile] = [path.join(base, "data.new"), path.join(base, "password.new")];
  await rm(draft, { recursive: true, force: true });
  await writeFile(passwordFile, `${passwords.admin}\n`, { mode: 0o600 });
  if (around.owner) await chown(passwordFile, around.owner.uid, around.owner.gid);
  const making = run(
    path.join(around.binaries, "bin/initdb"),
    ["-D", draft, "-U", "admin", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8"].concat(
      "--no-locale",
      "--no-sync",
    ),
    { ...around.owner, cwd: base, env: postgresEnvironment() },
  );
  const end = (): void => void making.child.kill();
  around.signal?.addEventListener("abort", end, { once: true });
  if (around.signal?.aborted) end();
  try {
    await making;
  } catch (error) {
    around.signal?.throwIfAborted();
    throw error;
  } finally {
    around.signal?.removeEventListener("abort", end);
    await rm(passwordFile, { force: true });
  }
  await rm(path.join(base, "data"), { recursive: true, force: true });
  await rename(draft, path.join(base, "data"));
}

/** Without the network, as PostgreSQL offers it to whoever owns the files. */
async function setPasswords(data: string, passwords: PostgresPasswords, around: Surroundings): Promise<void> {
  const single = spawn(path.join(around.binaries, "bin/postgres"), ["--single", "-D", data, "postgres"], {
    ...around.owner,
    cwd: path.dirname(data),
    env: postgresEnvironment(),
    stdio: ["pipe", "ignore", "ignore"],
  });
  const exited = once(single, "exit");
  single.stdin.on("error", () => undefined);
  // One statement a line. In data of before the role authio is there, and stays the administrator that it was made as.
  single.stdin.end(
    `do $$ begin if not exists (select from pg_roles where rolname = 'admin') then create role admin login superuser; end if; end $$
alter role admin password '${passwords.admin}'
do $$ begin if not exists (select from pg_roles where rolname = 'authio') then create role authio login; end if; end $$
alter role authio password '${passwords.authio}'
`,
  );
  const [code] = (await exited) as [number | null];
  if (code !== 0) throw new DataFolderError(`PostgreSQL cannot set passwords in ${data} (exit ${code}).`);
}

async function requireSameVersion(data: string, binaries: string): Promise<void> {
  const made = (await readFile(path.join(data, "PG_VERSION"), "utf8")).trim();
  const { stdout } = await run(path.join(binaries, "bin/postgres"), ["--version"]);
  const installed = /\d+/.exec(stdout)?.[0];
  if (made !== installed)
    throw new DataFolderError(
      `${data} was made by PostgreSQL ${made}, this is ${installed}. Dump it with the version of this project that made it.`,
    );
}

/** What a shell has exported for other servers must not steer this one. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PG"));
  return { ...Object.fromEntries(kept), LC_ALL: "C", TZ: "UTC" };
}

/** Root's data lie outside the wanted folder; a pointer stays there. Without it their keys are gone, and so are they. */
export async function makePersistentFolder(wanted: string, folder: string): Promise<void> {
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  if (folder === path.resolve(wanted)) return;
  const pointer = path.join(wanted, "location");
  if (!existsSync(pointer)) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(pointer, `${folder}\n`);
}
