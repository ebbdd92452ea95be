import { existsSync, writeFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { lockName } from "../../src/embedded/preflight/folder-lock.ts";
import { newClone, readyLine } from "./support.ts";

let clone: Awaited<ReturnType<typeof newClone>>;
beforeAll(async () => {
  clone = await newClone();
});
afterAll(() => clone.remove());

const html = { accept: "text/html" };

/** Asks without a pause from before the start on, as open tabs do; gives what was answered. */
function askWhile(): () => Promise<Set<string>> {
  const seen = new Set<string>();
  const asking = new AbortController();
  const ask = async (path: string, init: RequestInit): Promise<void> => {
    while (!asking.signal.aborted) {
      const answer = await fetch(clone.origin + path, init).catch(() => undefined);
      if (answer) {
        const isStarting = (await answer.text()).includes("Starting");
        seen.add(`${init.method ?? "GET"} ${path}: ${answer.status} ${isStarting ? "Starting" : ""}`);
      } else await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const askers = [
    ask("/", { headers: html }),
    ask("/readyz", {}),
    ask("/v1/sso/connections/sso_none/initiate", { headers: html }),
    ask("/dev/sign-in", { method: "POST", headers: html, redirect: "manual" }),
  ];
  return async () => {
    asking.abort();
    await Promise.all(askers);
    return seen;
  };
}

async function openDashboard(browser: Browser): Promise<string> {
  await browser.request(`${clone.origin}/dev/sign-in`, {
    method: "POST",
    body: new URLSearchParams({ user: "user_olivia" }),
    headers: { origin: clone.origin },
  });
  return (await browser.request(`${clone.origin}/`, { headers: html })).text();
}

it("starts under the eyes of open tabs, and a second start says one line", async () => {
  const stopAsking = askWhile();
  const launch = clone.start();
  await launch.until(readyLine);
  const seen = await stopAsking();
  expect(seen).toContain("GET /: 503 Starting");
  expect(seen).toContain("POST /dev/sign-in: 503 Starting");
  expect(seen).toContain("GET /: 200 ");
  expect([...seen].filter((one) => !/: (503|200|303|404)/.test(one))).toEqual([]);
  expect(launch.output).not.toContain("--fresh forgets it and begins anew");
  expect((await stat(clone.places.folder)).mode & 0o777).toBe(0o700);
  // Where the data really are: elsewhere for root.
  expect(launch.output).toContain(
    process.getuid?.() === 0 ? `.data/ and ${clone.places.postgres}/` : ".data/;",
  );

  const begunMs = performance.now();
  const second = clone.start({ PORT: "3999" });
  expect((await second.ended)[0]).toBe(1);
  expect(second.output).toBe(
    `npm start runs in this folder already: process ${launch.child.pid}, ${clone.origin}/\n`,
  );
  expect(performance.now() - begunMs).toBeLessThan(60_000);

  await fetch(`${clone.simulatorOrigin}/portal`, {
    method: "POST",
    body: new URLSearchParams({ name: "Kept tenant" }),
  });
  const browser = new Browser();
  expect(await openDashboard(browser)).toContain("Connect Microsoft");

  // Killed: nothing is told to anybody, yet nothing is left.
  expect(await clone.servers()).toHaveLength(2);
  await launch.end("SIGKILL");
  await expect.poll(clone.servers, { timeout: 20_000, interval: 200 }).toEqual([]);
});

it.runIf(process.platform === "linux")(
  "comes up with its data right after a kill, and ends what that has left",
  async () => {
    const launch = clone.start();
    await launch.until(readyLine);
    const [tenants] = [await (await fetch(`${clone.simulatorOrigin}/`)).text()];
    expect(tenants).toContain("Kept tenant");
    // Whoever kills all of Node kills the launcher; here its guards die too.
    const orphans = await clone.servers();
    for (const guard of launch.guards()) process.kill(guard, "SIGKILL");
    await launch.end("SIGKILL");
    expect(orphans).toHaveLength(2);
    // Temporal may end by itself, when it writes to a log that nobody reads.
    expect((await clone.servers()).length).toBeGreaterThan(0);

    const next = clone.start({}, "npm");
    await next.until(readyLine);
    expect(next.output).toMatch(/Ending PostgreSQL \(process \d+\), which an earlier start has left running/);
    expect((await clone.servers()).filter((pid) => orphans.includes(pid))).toEqual([]);
    expect(await (await fetch(`${clone.simulatorOrigin}/`)).text()).toContain("Kept tenant");
    // npm passes on no kill; what it ran sees that it is gone, and ends in good order.
    await next.end("SIGKILL");
    await expect.poll(clone.servers, { timeout: 20_000, interval: 200 }).toEqual([]);
    await expect.poll(() => existsSync(`${clone.places.folder}/${lockName}`), { timeout: 5000 }).toBe(false);
  },
);

it.each([
  ["while it compiles", "", "SIGINT"],
  ["while the servers start", "PostgreSQL: starting", "SIGTERM"],
  ["while the database is migrated", "migrating", "SIGINT"],
  ["while the worker starts", "Worker: starting", "SIGHUP"],
] as const)("stops cleanly %s", async (_, moment, signal) => {
  const launch = clone.start();
  if (moment === "") await new Promise((resolve) => setTimeout(resolve, 1500));
  else await launch.until(moment);
  expect(await launch.end(signal)).toBe(0);
  expect(await clone.servers()).toEqual([]);
  expect(launch.output).not.toMatch(/ECONNREFUSED|Error|    at /);
  if (moment !== "") expect(launch.output).toMatch(/Stopping …\n {2}Stopped\.\n$/);
});

it("says what is wrong before it compiles, and never advises to throw away good data", async () => {
  const [taken] = [new URL(clone.simulatorOrigin).port];
  const launch = clone.start();
  await launch.until("Entra simulator: is up");
  const refused = clone.start({ DATABASE_URL: "postgres://app:geheim@db.example.com/prod" });
  expect((await refused.ended)[0]).toBe(1);
  expect(refused.output).toMatch(/^DATABASE_URL names a server that is not on this machine\..*\n$/);
  await launch.until(readyLine);
  expect(await launch.end("SIGINT")).toBe(0);

  const { createServer } = await import("node:net");
  const other = createServer().listen(Number(taken), "::1");
  try {
    const late = clone.start();
    expect((await late.ended)[0]).toBe(1);
    expect(late.output).toMatch(new RegExp(`^Port ${taken} \\(simulator\\) is in use by .+\\n$`));
    expect(late.output).not.toContain("--fresh");
  } finally {
    other.close();
  }
});

it("says in one line that there is no place for temporary files", async () => {
  const bare = await newClone();
  try {
    const launch = bare.start({ TMPDIR: "/nowhere" });
    expect((await launch.ended)[0]).toBe(1);
    expect(launch.output).toBe("/nowhere takes no files (ENOENT): set TMPDIR to a folder that does.\n");
  } finally {
    await bare.remove();
  }
});

it("says in one line that nothing can be compiled", async () => {
  const bare = await newClone();
  try {
    const inTheWay = path.join(path.dirname(bare.places.folder), "dist");
    writeFileSync(inTheWay, "");
    const launch = bare.start();
    expect((await launch.ended)[0]).toBe(1);
    expect(launch.output).toBe(`${inTheWay} cannot be written (EEXIST): run this in a folder of your own.\n`);
  } finally {
    await bare.remove();
  }
});
