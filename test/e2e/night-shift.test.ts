import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { freePort } from "../../src/embedded/free-port.ts";
import { noRealism } from "../../src/simulator/options.ts";
import { proveAndStart, statusOf } from "../faults/support/cases.ts";
import { newDatabase } from "../support/databases.ts";
import { connect, eventually, liveApplications, type Product, startProduct } from "../support/product.ts";

// On call at night: each failure is found by the first command, explained by the second and mended by the third.
// docs/reliability.md has the table.

let product: Product;
let home: ReturnType<Product["addTenant"]>;
beforeAll(async () => {
  product = await startProduct();
  home = product.addTenant();
});
afterEach(() => {
  vi.useRealTimers();
  product.simulator.world.realism = noRealism;
});
afterAll(() => product.stop());

type Overrides = Readonly<Record<string, string>>;

async function ms(line: string, overrides: Overrides = {}): Promise<string> {
  const lines: string[] = [];
  await msProvision(line.split(" "), {
    environment: { ...product.environment, AUTHIO_MS_HOME_TENANT_ID: home.id, USER: "tess", ...overrides },
    print: (text) => void lines.push(text),
  });
  return lines.join("\n");
}

/** What `doctor` says of one check, with what to do; and which of them it says fail. */
async function doctor(name: string, overrides: Overrides = {}): Promise<[string, string]> {
  const told = await ms("doctor", overrides);
  const found = new RegExp(`^\\w+ +${name} .*(?:\\n +->.*)?`, "m").exec(told)?.[0] ?? "";
  return [found, /^Fails: (.*)\. Mend/m.exec(told)?.[1] ?? ""];
}

const databaseUrl = (change: (url: URL) => void): Overrides => {
  const url = new URL(product.environment["DATABASE_URL"] ?? "");
  change(url);
  return { DATABASE_URL: url.href };
};
const ends = (id: string, status: string): Promise<void> =>
  eventually(async () => (await statusOf(product, id)).status === status, 40_000);

it("no worker", async () => {
  const { id } = await proveAndStart(product, product.addTenant());
  const [line, fails] = await doctor("workers");
  expect(fails).toBe("workers");
  expect(line).toMatch(/nothing is provisioned\n +-> start npm run worker/);
  await product.sql`update connection_operations set created_at = now() - interval '3 minutes'`;
  await product.sql`update ms_provision_requests set created_at = now() - interval '3 minutes'`;
  expect(await ms(`show ${id}`)).toContain(
    "Nothing has begun after 3 minutes: ms-provision doctor, line workers.",
  );
  await product.startWorker();
  await ends(id, "succeeded");
  expect((await doctor("workers"))[1]).toBe("");
});

describe("with a worker", () => {
  beforeAll(async () => {
    await connect(product, home);
  });

  it("a policy forbids secrets", async () => {
    product.simulator.world.realism = { ...noRealism, secretLifetimeMaxDays: 0 };
    const { id } = await connect(product, product.addTenant());
    await eventually(async () => (await statusOf(product, id)).cleanup === "done");
    expect(await ms("list --since 24h")).toMatch(new RegExp(`^${id} .* secrets_forbidden_by_policy`, "m"));
    const shown = await ms(`show ${id}`);
    expect(shown).toMatch(/An app management policy forbids client secrets\.[\s\S]*WHAT TO DO\n +Exempt/);
    const retry = /ms-provision (retry \S+ --reason) …/.exec(shown)?.[1] ?? "";
    product.simulator.world.realism = noRealism;
    await ms(`${retry} lifted`);
    await ends(id, "succeeded");
  });

  it("a consent was withdrawn", async () => {
    const tenant = product.addTenant();
    const { id } = await proveAndStart(product, tenant);
    tenant.consentedMs = null;
    await expect
      .poll(() => ms("list --status provisioning"), { timeout: 20_000 })
      .toMatch(new RegExp(`^${id} .*: consent_not_effective`, "m"));
    expect(await ms(`show ${id}`)).toMatch(
      /waits at .*\n[\s\S]*WHAT TO DO\n +Check the enterprise application/,
    );
    tenant.consentedMs = Date.now() - 60_000;
    await ends(id, "succeeded");
  });

  it("Microsoft throttles one directory", async () => {
    const tenant = product.addTenant();
    const { world } = product.simulator;
    const throttled = { kind: "answer", status: 429, retryAfter: "2", times: 1_000_000 } as const;
    world.setTenantFaults(tenant.id, [{ call: "instantiate", ...throttled }]);
    const { id } = await proveAndStart(product, tenant);
    await expect
      .poll(() => ms(`list --tenant ${tenant.id}`), { timeout: 20_000 })
      .toContain(": microsoft_throttled");
    expect(await ms(`show ${id}`)).toMatch(/WHAT TO DO\n +Wait; it is tried again by itself/);
    world.setTenantFaults(tenant.id, []);
    await ends(id, "succeeded");
  });

  it("Temporal is gone, or its namespace", async () => {
    const tenant = product.addTenant();
    const { world } = product.simulator;
    world.setTenantFaults(tenant.id, [
      { call: "instantiate", kind: "answer", status: 503, times: 1_000_000 },
    ]);
    const { id } = await proveAndStart(product, tenant);
    const away = { TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` };
    const [line, fails] = await doctor("temporal", away);
    expect(fails).toBe("temporal");
    expect(line).toMatch(/does not answer\n +-> check TEMPORAL_ADDRESS/);
    expect(await ms(`show ${id}`, away)).toContain(
      "Temporal does not answer: ms-provision doctor, line temporal.",
    );
    world.setTenantFaults(tenant.id, []);
    const [missing, failing] = await doctor("namespace", { TEMPORAL_NAMESPACE: `none-${randomUUID()}` });
    expect(failing).toBe("namespace");
    expect(missing).toMatch(/-> create it, or set TEMPORAL_NAMESPACE/);
    await ends(id, "succeeded");
    expect((await doctor("temporal"))[1]).toBe("");
  });

  it("the database is gone, lets nobody in, takes no writes or is not migrated: one line fails each time", async () => {
    const port = String(await freePort());
    const gone = await doctor(
      "database",
      databaseUrl((url) => void (url.port = port)),
    );
    expect(gone).toEqual([expect.stringMatching(/ECONNREFUSED.*\n +-> check host and port/), "database"]);
    const refused = await doctor(
      "database",
      databaseUrl((url) => void (url.password = "wrong")),
    );
    expect(refused).toEqual([expect.stringMatching(/28P01.*\n +-> .*check user, password/), "database"]);
    const readOnly = databaseUrl((url) =>
      url.searchParams.set("options", "-c default_transaction_read_only=on"),
    );
    expect(await doctor("database", readOnly)).toEqual([
      expect.stringMatching(/takes no writes\n +-> have DATABASE_URL lead to the primary/),
      "database",
    ]);
    const empty = await newDatabase();
    const [line, fails] = await doctor("migrations", { DATABASE_URL: empty.url.href });
    await empty.drop();
    expect(line).toMatch(/has no tables .*\n +-> run npm run migrate/);
    expect(fails.split(", ")[0]).toBe("migrations");
  });

  it.each([
    [7_000_215, "The client secret is wrong."],
    [7_000_222, "The client secret has expired."],
  ])("our own credential: AADSTS%i", async (aadsts, meaning) => {
    const { world } = product.simulator;
    const tenant = product.addTenant();
    const refused = { call: "token", kind: "answer", status: 401, code: "invalid_client", aadsts } as const;
    for (const one of [tenant, home]) world.setTenantFaults(one.id, [{ ...refused, times: 1_000_000 }]);
    const { id } = await proveAndStart(product, tenant);
    const isOpen = async () =>
      (await product.sql`select from provisioning_pauses where cause = 'credential_refused'`).length === 1;
    await expect.poll(isOpen, { timeout: 20_000 }).toBe(true);
    const [line, fails] = await doctor("credential");
    expect(fails).toBe("pause, credential");
    expect(line).toContain(meaning);
    expect(line).toMatch(/-> make a new client secret in Entra and set AUTHIO_MS_PROVISION_CLIENT_SECRET/);
    await expect
      .poll(() => ms(`show ${id}`), { timeout: 20_000 })
      .toMatch(/WHAT TO DO\n +Operator: replace AUTHIO_MS_PROVISION_CLIENT_SECRET/);
    for (const one of [tenant, home]) world.setTenantFaults(one.id, []);
    await ends(id, "succeeded");
    await expect.poll(isOpen, { timeout: 20_000 }).toBe(false);
  });

  it("a clean-up is stuck: the command that `show` names mends it", async () => {
    const { world } = product.simulator;
    world.realism = { ...noRealism, secretLifetimeMaxDays: 0 };
    const tenant = product.addTenant();
    const denied = { call: "deleteApplication", kind: "answer", status: 403, times: 1_000_000 } as const;
    world.setTenantFaults(tenant.id, [denied]);
    const { id } = await connect(product, tenant);
    // A day of trying is over.
    await product.sql`update connection_operations set cleanup = 'needs_operator' where request_id = ${id}`;
    await product.sql`update ms_provision_requests set cleanup = 'needs_operator' where id = ${id}`;
    world.setTenantFaults(tenant.id, []);
    expect(await ms("list --status needs_operator")).toContain(id);
    const sweep = /ms-provision (sweep --tenant \S+ --delete \S+ --reason) …/.exec(
      await ms(`show ${id}`),
    )?.[1];
    expect(liveApplications(tenant)).toHaveLength(1);
    await ms(`${sweep} left`);
    expect(liveApplications(tenant)).toHaveLength(0);
    expect(await ms("list --status needs_operator")).toBe("No requests.");
  });

  it("a role without rights", async () => {
    const name = `nobody_${randomBytes(4).toString("hex")}`;
    await product.sql.unsafe(`create role ${name} login password 'pw'`);
    const [line, fails] = await doctor(
      "grants",
      databaseUrl((url) => void Object.assign(url, { username: name, password: "pw" })),
    );
    expect(fails.split(", ")[0]).toBe("grants");
    expect(line).toMatch(/lacks \d+ rights: .*\n +-> .*member of authio_runtime/);
    await product.sql.unsafe(`drop role ${name}`);
  });

  it("the master key is missing, or a row is poisoned", async () => {
    const other = randomBytes(32).toString("base64");
    const [missing, fails] = await doctor("secrets", { AUTHIO_IMPORT_CREDS_KEY: `new:${other}` });
    expect(fails).toBe("secrets");
    expect(missing).toMatch(/unknown_key.*\n +-> put the key that is missing back/);
    const [row] = await product.sql`select id, sealed_secret from sso_connections limit 1`;
    const set = (sealed: unknown) =>
      product.sql`update sso_connections set sealed_secret = ${String(sealed)} where id = ${String(row?.["id"])}`;
    await set(`${String(row?.["sealed_secret"]).slice(0, -8)}AAAAAAAA`);
    const [poisoned] = await doctor("secrets");
    expect(poisoned).toContain(`1 do not open: connection secrets ${String(row?.["id"])} (not_authentic)`);
    expect(poisoned).toMatch(/-> .*its organization connects again/);
    await set(row?.["sealed_secret"]);
    expect((await doctor("secrets"))[1]).toBe("");
  });

  it("a clock is off", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 90_000 });
    const [line, fails] = await doctor("clock");
    expect(fails.split(", ")[0]).toBe("clock");
    expect(line).toMatch(/-\d\d\.\d s to the database's, .*\n +-> let NTP set the clock/);
    vi.useRealTimers();
    expect((await doctor("clock"))[1]).toBe("");
  });
});
