import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { dataPlaces } from "../../src/embedded/preflight/data-places.ts";
import { keepStackSettings } from "../../src/embedded/stack-file.ts";
import { noRealism } from "../../src/simulator/options.ts";
import {
  connect,
  consent,
  eventually,
  newOrg,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => {
  product.simulator.world.realism = noRealism;
});

async function command(
  args: readonly string[],
  overrides: Record<string, string | undefined> = {},
  dataFolder?: string,
): Promise<{ code: number; output: string; lines: string[] }> {
  const lines: string[] = [];
  const code = await msProvision(args, {
    environment: { ...product.environment, USER: "tess", ...overrides },
    print: (line) => void lines.push(line),
    ...(dataFolder === undefined ? {} : { dataFolder }),
  });
  return { code, output: lines.join("\n"), lines };
}

/** Clicks that end with a policy's refusal. */
async function refused(count: number, org = newOrg()): Promise<{ org: string; ids: string[] }> {
  product.simulator.world.realism = { ...noRealism, secretLifetimeMaxDays: 0 };
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1)
    ids.push((await connect(product, product.addTenant(), { org, body: { additional: true } })).id);
  await eventually(async () => {
    const rows =
      await product.sql`select 1 from ms_provision_requests where id in ${product.sql(ids)} and cleanup = 'done'`;
    return rows.length === count;
  });
  product.simulator.world.realism = noRealism;
  return { org, ids };
}

it("explains itself: all commands, and each with what it takes", async () => {
  const all = await command(["--help"]);
  expect(all.code).toBe(0);
  expect(all.output).toContain("Exit codes: 0 done;");
  const names = [...all.output.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name ?? "");
  expect(names).toEqual(
    expect.arrayContaining(["doctor", "list", "show", "retry", "cancel", "sweep", "init"]),
  );
  for (const name of names.filter((one) => one !== "init")) {
    const help = await command([name, "--help"]);
    expect([help.code, help.lines[0]?.startsWith(`Usage: ms-provision ${name}`)]).toEqual([0, true]);
  }
  expect((await command(["list", "--nonsense"])).code).toBe(2);
  expect((await command(["show", "x", "--reason", "not taken"])).code).toBe(2);
  expect((await command(["toString"])).code).toBe(2);
});

it("says in JSON too why it does not do something", async () => {
  const id = `mspr_${"0".repeat(32)}`;
  for (const [args, exit, code] of [
    [["show", id], 1, "not_found"],
    [["cancel", id, "--reason", "a test"], 1, "not_found"],
    [["show", "nothing"], 2, "misused"],
    [["list", "--limit", "x"], 2, "misused"],
    [["list", "--nothing"], 2, "misused"],
    [["lst"], 2, "misused"],
  ] as const) {
    const answer = await command([...args, "--json"]);
    expect(answer.code).toBe(exit);
    expect(JSON.parse(answer.output)).toMatchObject({
      error: { code, detail: expect.any(String) as string },
    });
  }
});

it("says in JSON too what it lacks, and doctor as a check that fails", async () => {
  for (const [overrides, code] of [
    [{ DATABASE_URL: undefined }, "misconfigured"],
    [{ DATABASE_URL: "postgres://u:hidden@127.0.0.1:1/x" }, "service_unavailable"],
  ] as const) {
    const answer = await command(["list", "--json"], overrides);
    expect([answer.code, answer.output.includes("hidden")]).toEqual([1, false]);
    expect(JSON.parse(answer.output)).toMatchObject({
      error: { code, detail: expect.any(String) as string },
    });
  }
  const unset = { DATABASE_URL: undefined, AUTHIO_SSO_ORIGIN: "nowhere" };
  const { code, output } = await command(["doctor", "--json"], unset);
  const { ok, checks } = JSON.parse(output) as { ok: boolean; checks: Record<string, string>[] };
  expect([code, ok, checks.length]).toEqual([1, false, 1]);
  expect(checks[0]).toMatchObject({ name: "configuration", status: "fail" });
  for (const name of Object.keys(unset)) expect(checks[0]?.["detail"]?.split(name)).toHaveLength(2);
});

it("does nothing where a word would be left unread", async () => {
  const reason = ["--reason", "a test"];
  const id = `mspr_${"0".repeat(32)}`;
  for (const words of [
    ["pause", "c0ffee00-1111-4222-8333-444455556666", ...reason],
    ["resume", "org_1", ...reason],
    ["sweep", "c0ffee00-1111-4222-8333-444455556666"],
    ["list", "failed"],
    ["doctor", "x"],
    ["rewrap", "x", ...reason],
    ["show", id, id],
    ["retry", id, id, ...reason],
    ["cancel", id, id, ...reason],
    ["connections", "list", "org_1"],
    ["connections", "suspend", "sso_1", "sso_2", ...reason],
    ["keys", "rotate", "x"],
    ["webhooks", "remove", "whe_1", "whe_2"],
  ]) {
    const { code, output } = await command(words);
    expect([code, output]).toEqual([2, expect.stringContaining("one word too many") as string]);
  }
  const { output } = await command(["doctor"]);
  expect(output).toContain("provisioning is not paused");
});

it("lists under a header, filtered, a page at a time", async () => {
  const { org, ids } = await refused(3);
  const { lines } = await command(["list", "--organization", org]);
  expect(lines[0]).toMatch(/^ID +KIND +STATUS +ORGANIZATION +BEGUN/);
  expect(lines.slice(1).map((line) => line.split(/\s+/)[0])).toEqual(ids.toReversed());
  const page = JSON.parse(
    (await command(["list", "--organization", org, "--limit", "2", "--json"])).output,
  ) as {
    data: { id: string }[];
    list_metadata: { after: string };
  };
  expect(page.data.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  const rest = await command(["list", "--organization", org, "--after", page.list_metadata.after]);
  expect(rest.lines).toHaveLength(2);
  const [row] =
    await product.sql`select error_code, entra_tenant_id from ms_provision_requests where id = ${ids[0] ?? ""}`;
  const admits = async (...filter: string[]) =>
    (await command(["list", "--organization", org, ...filter])).output.includes(ids[0] ?? "none");
  expect(await admits("--code", String(row?.["error_code"]))).toBe(true);
  expect(await admits("--code", "internal")).toBe(false);
  expect(await admits("--tenant", String(row?.["entra_tenant_id"]))).toBe(true);
  expect(await admits("--since", "1h")).toBe(true);
  expect(await admits("--since", "2099-01-01")).toBe(false);
  expect(await admits("--status", "succeeded")).toBe(false);
  for (const wrong of [
    ["--since", "soon"],
    ["--since", "0000-01-01"],
    ["--since", "999999d"],
    ["--since", "2026-11-28T12:00:00"],
    ["--code", "none"],
    ["--tenant", "x"],
    ["--limit", "0"],
  ])
    expect((await command(["list", ...wrong])).code).toBe(2);
});

it("shows click, steps, Microsoft's ids, audit and what to do; says when Temporal is away", async () => {
  const { ids } = await refused(1);
  const [id = ""] = ids;
  const { output } = await command(["show", id]);
  for (const part of ["started by", "usr_1", "directory", "workflow", `ms-provision-${id}`, "STEPS", "AUDIT"])
    expect(output).toContain(part);
  expect(output).toMatch(/WHAT TO DO\n[\s\S]*ms-provision retry/);
  expect(output).toMatch(/addPassword +failed/);
  const shown = JSON.parse((await command(["show", id, "--json"])).output) as Record<string, unknown>;
  expect(shown).toMatchObject({ id, status: "failed", temporal: "answers", started_by: "usr_1" });
  expect(shown["audit"]).toEqual(
    expect.arrayContaining([expect.objectContaining({ action: "started" }) as unknown]),
  );
  const away = await command(["show", id], { TEMPORAL_ADDRESS: "127.0.0.1:1" });
  expect(away.output).toContain("Temporal does not answer, so the steps are not known now.");
  expect(away.output).toContain("AUDIT");
});

it("orders in bulk: a preview changes nothing, then each is told, at most so many a second", async () => {
  const { org, ids } = await refused(3);
  const order = ["retry", "--all", "--organization", org, "--reason", "policy was lifted"];
  const preview = await command([...order, "--dry-run"]);
  expect(preview.output).toContain("3 found; nothing was changed.");
  const statuses = async () =>
    (await product.sql`select generation from connection_operations where org_id = ${org}`).map(
      ({ generation }) => Number(generation),
    );
  expect(await statuses()).toEqual([1, 1, 1]);
  const begunMs = Date.now();
  const done = await command([...order, "--rate", "4"]);
  expect(Date.now() - begunMs).toBeGreaterThanOrEqual(500);
  expect(done.output).toContain("3 found, 0 refused.");
  expect(await statuses()).toEqual([2, 2, 2]);
  await eventually(async () => {
    const rows = await product.sql`select status from ms_provision_requests where org_id = ${org}`;
    return rows.every(({ status }) => status === "succeeded");
  });
  const late = await command(["cancel", "--all", "--organization", org, "--reason", "x", "--stop-on-error"]);
  expect(late).toMatchObject({ code: 1, output: expect.stringContaining("already_final") as unknown });
  expect(late.lines).toHaveLength(2);
  expect(ids).toHaveLength(3);
});

it("refuses to order everything", async () => {
  expect((await command(["cancel", "--all", "--reason", "x"])).code).toBe(2);
  expect((await command(["cancel", "--all", "--status", "proved", "--reason", "x"])).code).toBe(2);
});

it("a withdrawn consent does not end the sweep: it is named, the others are looked at", async () => {
  const [gone, there] = [product.addTenant(), product.addTenant()];
  await connect(product, gone);
  await connect(product, there);
  gone.consentedMs = null;
  const { code, output } = await command(["sweep"]);
  expect(code).toBe(1);
  expect(output).toContain(`tenant ${gone.id}  cannot be looked at: consent_not_effective`);
  expect(output).not.toContain(`tenant ${there.id}  cannot`);
  const told = JSON.parse((await command(["sweep", "--json"])).output) as { closed: { tenant: string }[] };
  expect(told.closed.map(({ tenant }) => tenant)).toContain(gone.id);
});

it("--stack reaches the product that runs in this folder, and nothing where none runs", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "stack-"));
  const nowhere = { DATABASE_URL: "postgres://127.0.0.1:1/none" };
  const none = await command(["list", "--stack"], nowhere, folder);
  expect(none).toMatchObject({
    code: 2,
    output: expect.stringContaining("npm start does not run") as unknown,
  });
  const kept = await keepStackSettings(dataPlaces(folder).settingsFile, product.environment);
  expect((await command(["list", "--stack"], nowhere, folder)).code).toBe(0);
  await kept.forget();
  expect((await command(["list", "--stack"], nowhere, folder)).code).toBe(2);
  await rm(folder, { recursive: true });
});

it("pause holds what is proved, of every directory, until resume; both are in the audit trail, doctor warns", async () => {
  expect((await command(["pause"])).code).toBe(2);
  const order = ["--reason", "Microsoft has an incident"];
  expect((await command(["pause", ...order])).output).toContain("Paused: nothing begins.");
  expect((await command(["pause", ...order])).output).toContain("paused already");
  const [browser, org, tenant] = [new Browser(), newOrg(), product.addTenant()];
  product.addReplica({ AUTHIO_CALLBACK_WAIT_MS: "0" });
  const { id, consent_url: consentUrl } = await start(product, browser, org);
  const callback = await consent(browser, consentUrl, tenant);
  await browser.follow(await browser.request(callback), (url) => url.pathname.includes("/provisions/"));
  const statusOf = async () =>
    (await product.sql`select status from ms_provision_requests where id = ${id}`)[0]?.["status"] as unknown;
  // A worker reconciles at its start.
  await product.stopWorkers();
  await product.startWorker();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(await statusOf()).toBe("proved");
  const checks = (await command(["doctor"])).output;
  expect(checks).toMatch(/warn +pause +provisioning is paused by operator:tess since .*an incident/);
  expect((await command(["resume", "--reason", "it is over"])).output).toContain("Resumed");
  await eventually(async () => (await statusOf()) === "succeeded");
  expect((await command(["resume", "--reason", "again"])).output).toContain("Nothing was paused.");
  const trail = await product.sql`
    select actor, action from audit_events where action in ('paused', 'unpaused') order by id`;
  expect(trail).toEqual([
    { actor: "operator:tess", action: "paused" },
    { actor: "operator:tess", action: "unpaused" },
  ]);
});
