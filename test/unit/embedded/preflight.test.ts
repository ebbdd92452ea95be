import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockName, takeFolder } from "../../../src/embedded/preflight/folder-lock.ts";
import { readOutsideServers } from "../../../src/embedded/preflight/outside-servers.ts";
import { describeTakenPorts, readPorts } from "../../../src/embedded/preflight/ports.ts";
import { checkDemo, checkStart } from "../../../src/embedded/preflight/preflight.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "preflight-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const given = (environment: Record<string, string>, args: string[] = []) => ({
  args,
  environment,
  tell: () => undefined,
  folder: path.join(folder, ".data"),
});

describe("the ports", () => {
  const servers: Server[] = [];
  afterEach(() => servers.splice(0).forEach((server) => server.close()));
  const listen = async (host: string): Promise<number> => {
    const server = createServer();
    servers.push(server.listen({ port: 0, host, ipv6Only: host === "::" }));
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };

  it("are the usual ones, or those of the variables", () => {
    const usual = { app: 3000, simulator: 3001, temporal: 7233, temporalUi: 8233, sample: 3002 };
    expect(readPorts({})).toEqual(usual);
    expect(readPorts({ PORT: "", SIMULATOR_PORT: " " })).toEqual(usual);
    expect(readPorts({ PORT: "4000", TEMPORAL_UI_PORT: "4003" })).toEqual({
      ...usual,
      app: 4000,
      temporalUi: 4003,
    });
  });

  it.each(["abc", "0", "65536", "-1", "3000x", "3.5", "1e3", "0x10"])(
    "PORT=%s is refused by name",
    (PORT) => {
      expect(readPorts({ PORT })).toBe("PORT must be a number from 1 to 65535.");
    },
  );

  it("are different ones", () => {
    expect(readPorts({ PORT: "3001" })).toMatch(
      /^Port 3001 is wanted for dashboard and API and for simulator: set PORT or SIMULATOR_PORT/,
    );
    expect(readPorts({ TEMPORAL_PORT: "8233" })).toContain("TEMPORAL_UI_PORT");
  });

  it.each(["127.0.0.1", "::1", "0.0.0.0", "::"])(
    "one that somebody has on %s is named in one line with the holder",
    async (host) => {
      const port = await listen(host);
      const line = await describeTakenPorts({ app: port });
      expect(line).toMatch(
        new RegExp(
          `^Port ${port} \\(dashboard and API\\) is in use by .+\\. Stop it, or choose another: PORT=\\d+ npm start$`,
        ),
      );
      if (process.platform === "linux") expect(line).toContain(`(process ${process.pid})`);
    },
  );

  it("that are free are no problem; several taken ones are one line", async () => {
    const port = await listen("127.0.0.1");
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    expect(await describeTakenPorts({ app: port })).toBeUndefined();
    const [one, other] = [await listen("127.0.0.1"), await listen("::1")];
    const line = await describeTakenPorts({ app: one, temporal: other });
    expect(line?.split("\n")).toHaveLength(1);
    expect(line).toMatch(/Stop them, or choose others: PORT=\d+ TEMPORAL_PORT=\d+ npm start/);
    expect(line).toContain(`TEMPORAL_ADDRESS=127.0.0.1:${other}`);
  });

  it("of Temporal are not needed where TEMPORAL_ADDRESS is set", async () => {
    const free = { PORT: "", SIMULATOR_PORT: "", SAMPLE_PORT: "", TEMPORAL_UI_PORT: "" };
    for (const name of Object.keys(free) as (keyof typeof free)[]) {
      free[name] = String(await listen("127.0.0.1"));
      await new Promise((resolve) => servers.pop()?.close(resolve));
    }
    const ports = { ...free, TEMPORAL_PORT: String(await listen("127.0.0.1")) };
    expect(await checkStart(given({ ...ports }))).toMatchObject({ kind: "stop", exitCode: 1 });
    expect(await checkStart(given({ ...ports, TEMPORAL_ADDRESS: "localhost:7233" }))).toMatchObject({
      kind: "go",
      plan: { outside: { temporalAddress: "localhost:7233" } },
    });
  });
});

describe("servers of other machines", () => {
  it.each([
    ["DATABASE_URL", "postgres://app:geheim@db.example.com/prod"],
    ["DATABASE_URL", "postgresql://app:geheim@10.0.0.7:5432/prod"],
    ["DATABASE_URL", "postgres://app:geheim@localhost,db.example.com/prod"],
    ["DATABASE_URL", "postgres://app:geheim@localhost/prod?host=db.example.com"],
    ["DATABASE_URL", "postgres://localhost:geheim@db.example.com/prod?x=@localhost"],
    ["DATABASE_URL", "postgres://app:geheim@[2001:db8::1]/prod"],
    ["DATABASE_URL", "postgres://app:geheim@localhost.example.com/prod"],
    ["DATABASE_URL", "postgres://app:geheim@127.example.com/prod"],
    ["DATABASE_URL", "mysql://app:geheim@localhost/prod"],
    ["TEMPORAL_ADDRESS", "acme.a1b2c.tmprl.cloud:7233"],
    ["TEMPORAL_ADDRESS", "10.1.2.3:7233"],
    ["TEMPORAL_ADDRESS", "https://temporal.example.com"],
    ["TEMPORAL_ADDRESS", "dns:///temporal:7233"],
  ])("%s=%s is refused by name, without its value", async (variable, value) => {
    const answer = readOutsideServers({ [variable]: value });
    expect(answer).toContain(`unset ${variable}`);
    expect(answer).not.toMatch(/geheim|example\.com|10\.|tmprl/);
    for (const check of [checkStart, checkDemo])
      expect(await check(given({ [variable]: value }))).toMatchObject({
        kind: "stop",
        exitCode: 1,
        line: answer,
      });
  });

  it("are refused in a file and by PGHOST too", () => {
    expect(readOutsideServers({ DATABASE_URL_FILE: "/run/secrets/url" })).toContain(
      "unset DATABASE_URL_FILE",
    );
    expect(readOutsideServers({ DATABASE_URL: "postgres:///prod", PGHOST: "db.example.com" })).toContain(
      "unset DATABASE_URL",
    );
  });

  it.each([
    "postgres://app:pw@localhost/dev",
    "postgres://app:pw@127.0.0.1:5433/dev",
    "postgres://app:pw@[::1]/dev",
    "postgres://app:pw@127.1.2.3,localhost/dev",
    "postgres:///dev?host=/var/run/postgresql",
    "postgres:///dev",
  ])("%s is on this machine", (url) => {
    expect(readOutsideServers({ DATABASE_URL: url })).toEqual({ databaseUrl: url });
  });

  it.each(["localhost:7233", "127.0.0.1:7300", "[::1]:7233", "http://localhost:7233"])(
    "TEMPORAL_ADDRESS=%s too",
    (address) => {
      expect(readOutsideServers({ TEMPORAL_ADDRESS: address })).toEqual({ temporalAddress: address });
    },
  );

  it("that are empty are not set", () => {
    expect(readOutsideServers({ DATABASE_URL: "", TEMPORAL_ADDRESS: " ", DATABASE_URL_FILE: "" })).toEqual(
      {},
    );
  });
});

describe("the data folder", () => {
  it("is made for this user alone, and is ours again and again", async () => {
    const own = path.join(folder, "new");
    expect(await takeFolder(own, "http://localhost:1/")).toBeUndefined();
    expect(await takeFolder(own, "http://localhost:1/")).toBeUndefined();
    expect((await stat(own)).mode & 0o777).toBe(0o700);
    expect((await stat(path.join(own, lockName))).mode & 0o777).toBe(0o600);
  });

  it("of a living process is refused with its number and address", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const mine = process.pid;
    try {
      Object.defineProperty(process, "pid", { value: other.pid, configurable: true });
      await takeFolder(folder, "http://localhost:4711/");
      Object.defineProperty(process, "pid", { value: mine, configurable: true });
      expect(await takeFolder(folder, "")).toEqual({ pid: other.pid, url: "http://localhost:4711/" });
    } finally {
      Object.defineProperty(process, "pid", { value: mine, configurable: true });
      other.kill("SIGKILL");
      await once(other, "exit");
    }
    expect(await takeFolder(folder, "")).toBeUndefined();
  });

  it.each([
    [
      "a process of the same number that began later",
      JSON.stringify({ pid: 1, identity: "another", url: "" }),
    ],
    ["half a file", '{"pid":'],
    ["nothing", ""],
  ])("left by a killed one is taken over: %s", async (_, text) => {
    await writeFile(path.join(folder, lockName), text);
    expect(await takeFolder(folder, "")).toBeUndefined();
  });
});

it("unknown arguments are refused before anything is touched", async () => {
  expect(await checkStart(given({}, ["--frsh"]))).toMatchObject({ kind: "stop", exitCode: 2 });
  expect(checkDemo(given({}, ["--fresh"]))).toMatchObject({ kind: "stop", exitCode: 2 });
});
