import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../src/embedded/free-port.ts";

/** Where Debian and its kin put PostgreSQL's programs, the newest first. */
function programs(): string {
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base) ? readdirSync(base).toSorted((a, b) => Number(b) - Number(a)) : [];
  const found = versions
    .map((version) => path.join(base, version, "bin"))
    .find((bin) =>
      ["initdb", "postgres", "pg_dump", "pg_restore"].every((name) => existsSync(`${bin}/${name}`)),
    );
  if (found === undefined) throw new Error("install PostgreSQL first: apt-get install postgresql");
  return found;
}

/** The server and client programs of an installed PostgreSQL, on data of its own; unlike the embedded one it has pg_dump. */
export async function startInstalledPostgres() {
  const bin = programs();
  const folder = mkdtempSync(path.join(os.tmpdir(), "authio-backup-"));
  chmodSync(folder, 0o755);
  const data = path.join(folder, "data");
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const settings = { ...user, cwd: folder, stdio: "pipe" } as const;
  execFileSync(
    `${bin}/initdb`,
    ["-D", data, "-U", "admin", "-A", "trust", "-E", "UTF8", "--no-sync"],
    settings,
  );
  const port = await freePort();
  const server = spawn(
    `${bin}/postgres`,
    ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-c", "unix_socket_directories="],
    { ...user, cwd: folder, stdio: "ignore" },
  );
  const urlOf = (database: string): string => `postgres://admin@127.0.0.1:${port}/${database}`;
  const program = (name: string, ...words: string[]): string =>
    execFileSync(`${bin}/${name}`, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const stop = async (): Promise<void> => {
    server.kill("SIGINT");
    if (server.exitCode === null) await once(server, "exit");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (let tries = 0; ; tries += 1)
      try {
        program("createdb", "--maintenance-db", urlOf("postgres"), "authio");
        break;
      } catch (error) {
        if (tries > 100 || server.exitCode !== null) throw error;
        await sleep(100);
      }
  } catch (error) {
    await stop();
    throw error;
  }
  return { folder, urlOf, program, stop };
}
