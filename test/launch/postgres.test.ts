import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/embedded/postgres.ts";
import { findPostgresBinaries } from "../../src/embedded/postgres-binaries.ts";
import { postgresFolder } from "../../src/embedded/preflight/data-places.ts";
import { listProcesses } from "../../src/embedded/preflight/processes.ts";

let wanted: string;
let base: string;
const running: EmbeddedPostgres[] = [];
beforeEach(async () => {
  wanted = path.join(await mkdtemp(path.join(os.tmpdir(), "launch-")), "postgres");
  base = postgresFolder(wanted);
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  for (const folder of [path.dirname(wanted), base]) await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(wanted);
  running.push(server);
  return server;
}

/** The first column of the first row, or the code of the refusal. */
async function ask(url: string, text: string): Promise<unknown> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return Object.values((await sql.unsafe(text))[0] ?? {})[0];
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await sql.end();
  }
}
const changed = (url: string, changes: Partial<URL>): string => Object.assign(new URL(url), changes).href;
const serversOf = async (): Promise<number[]> =>
  (await listProcesses()).filter(({ command }) => command.includes(base)).map(({ pid }) => pid);
/** Who runs the servers of root. */
const owner = (): { uid?: number; gid?: number } => {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const [, , uid, gid] =
    users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
};

it("lets nobody of this machine in without a password, and the product do no more than own its database", async () => {
  const { url, adminUrl } = await start();
  for (const username of ["authio", "admin", "postgres"])
    expect(await ask(changed(url, { username, password: "" }), "select 1")).not.toBe(1);
  expect(await ask(changed(url, { password: "guess" }), "select 1")).toBe("28P01");
  expect(
    await ask(
      url,
      "select rolsuper or rolcreaterole or rolcreatedb or rolreplication from pg_roles where rolname = current_user",
    ),
  ).toBe(false);
  expect(await ask(url, "copy (select 1) to program 'cat'")).toBe("42501");
  expect(await ask(url, "select pg_read_file('/etc/passwd')")).toBe("42501");
  expect(await ask(url, "create table kept (one int)")).toBeUndefined();
  expect(
    await ask(adminUrl, "select count(*)::int from pg_hba_file_rules where auth_method <> 'scram-sha-256'"),
  ).toBe(0);
  expect((await stat(base)).mode & 0o777).toBe(0o700);
  expect((await stat(path.join(base, "data"))).mode & 0o077).toBe(0);
  expect((await stat(path.join(base, "passwords.json"))).mode & 0o777).toBe(0o600);
  const commands = (await listProcesses()).filter(({ command }) => command.includes(base));
  expect(JSON.stringify(commands)).not.toContain(new URL(url).password);
});

it("goes on with data of before, whose server asked for no password", async () => {
  await mkdir(base, { recursive: true });
  if (base !== wanted) {
    await mkdir(wanted, { recursive: true });
    await writeFile(path.join(wanted, "location"), base);
    execFileSync("chown", [String(owner().uid), base]);
    execFileSync("chmod", ["711", path.dirname(base)]);
  }
  const programs = path.join(await findPostgresBinaries(owner().uid !== undefined), "bin");
  const data = path.join(base, "data");
  const as = { ...owner(), cwd: base, stdio: "pipe" } as const;
  execFileSync(path.join(programs, "initdb"), ["-D", data, "-U", "authio", "-A", "trust", "--no-sync"], as);
  execFileSync(path.join(programs, "postgres"), ["--single", "-D", data, "postgres"], {
    ...as,
    input: "create database authio\n",
  });
  execFileSync(path.join(programs, "postgres"), ["--single", "-D", data, "authio"], {
    ...as,
    input: "create table kept as select 42 as answer\n",
  });
  const { url } = await start();
  expect(await ask(url, "select answer from kept")).toBe(42);
  expect(await ask(changed(url, { password: "" }), "select 1")).not.toBe(1);
  await running.pop()?.stop();
  expect(await ask((await start()).url, "select answer from kept")).toBe(42);
});

it("survives a lost password file and an interrupted first start", async () => {
  await start().then(({ url }) => ask(url, "create table kept as select 42 as answer"));
  await running.pop()?.stop();
  const before = await readFile(path.join(base, "passwords.json"), "utf8");
  await rm(path.join(base, "passwords.json"));
  await mkdir(path.join(base, "data.new"));
  expect(await ask((await start()).url, "select answer from kept")).toBe(42);
  expect(await readFile(path.join(base, "passwords.json"), "utf8")).not.toBe(before);
});

it("takes no later process of the same number for its server, and no two servers work with one folder", async () => {
  const first = await start();
  await expect(startEmbeddedPostgres(wanted)).rejects.toThrow(/in use by another PostgreSQL \(process \d+\)/);
  expect(await ask(first.url, "create table kept as select 42 as answer")).toBeUndefined();
  const note = path.join(base, "data/postmaster.pid");
  const text = await readFile(note, "utf8");
  await running.pop()?.stop("SIGQUIT");
  await writeFile(note, text.replace(/^\d+/, String(process.pid)));
  expect(await ask((await start()).url, "select answer from kept")).toBe(42);
});

it("is given up at once, and leaves nothing, when its start is interrupted", async () => {
  for (const afterMs of [0, 150, 600, 1500]) {
    const interrupted = new AbortController();
    setTimeout(() => interrupted.abort(new Error("interrupted")), afterMs);
    const outcome = await startEmbeddedPostgres(wanted, interrupted.signal).catch((error: Error) => error);
    if (!(outcome instanceof Error)) await outcome.stop();
    expect(await serversOf()).toEqual([]);
  }
});
