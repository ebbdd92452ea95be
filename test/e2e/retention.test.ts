import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ActivityDeps } from "../../src/activities/deps.ts";
import { pruneOld } from "../../src/activities/maintenance/prune-old.ts";
import { loadWorkerConfig } from "../../src/config/load-config.ts";
import { type Database, openDatabase } from "../../src/db/client.ts";
import { placeEvents } from "../../src/db/events.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { wireActivities } from "../../src/processes/wire-activities.ts";
import { noRealism } from "../../src/simulator/options.ts";
import { connect, eventually, newOrg, type Product, start, startProduct } from "../support/product.ts";

let product: Product;
let database: Database;
let runtime: postgres.Sql;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  const url = product.environment["DATABASE_URL"] ?? "";
  database = openDatabase(url);
  runtime = postgres(url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await runtime.end();
  await database.close();
  await product.stop();
});

function depsOf(overrides: Record<string, string> = {}): ActivityDeps {
  const config = loadWorkerConfig({ ...product.environment, ...overrides });
  if (config.provisioning.kind !== "configured") throw new Error("the test product must be configured");
  return wireActivities({ ...config, provisioning: config.provisioning }, database);
}
const prune = (overrides: Record<string, string> = {}) => pruneOld(depsOf(overrides))({});

/** Everything that has ended, ended so long ago; what was told, likewise. */
async function age(days: number): Promise<void> {
  const { sql } = product;
  await sql`update connection_operations set completed_at = completed_at - make_interval(days => ${days}), created_at = created_at - make_interval(days => ${days}), settle_due_at = null where completed_at is not null`;
  await sql`update ms_provision_requests set completed_at = completed_at - make_interval(days => ${days}) where completed_at is not null`;
  await sql.begin(async (q) => {
    await q`alter table audit_events disable trigger audit_events_append_only`;
    await q`update audit_events set at = at - make_interval(days => ${days})`;
    await q`alter table audit_events enable trigger audit_events_append_only`;
  });
}
const clicks = async (): Promise<string[]> =>
  (await product.sql<{ id: string }[]>`select id from ms_provision_requests`).map(({ id }) => id);
const operations = async (): Promise<number> => (await product.sql`select from connection_operations`).length;

it("forgets what ended long ago, and keeps what somebody needs", async () => {
  const org = newOrg();
  const tenant = product.addTenant();
  const first = await connect(product, tenant, { org, body: { access: "assigned" } });
  const again = await connect(product, tenant, { org, browser: first.browser });
  product.simulator.world.realism = { ...noRealism, secretLifetimeMaxDays: 0 };
  const failed = await connect(product, product.addTenant());
  const stuck = await connect(product, product.addTenant());
  product.simulator.world.realism = noRealism;
  await eventually(
    async () => (await product.sql`select from connection_operations where cleanup = 'pending'`).length === 0,
  );
  await product.sql`update connection_operations set cleanup = 'needs_operator' where request_id = ${stuck.id}`;
  const open = await start(product, new Browser(), newOrg());
  await age(500);

  expect(await prune({ AUTHIO_MS_KEEP_REQUESTS_DAYS: "0" })).toMatchObject({ clicks: 0, operations: 0 });
  const kept = await clicks();
  expect(kept).toEqual(expect.arrayContaining([first.id, again.id, failed.id, stuck.id, open.id]));

  expect(await prune()).toMatchObject({ clicks: 2, operations: 2 });
  const [newest] = await product.sql`select access from connection_operations where org_id = ${org}`;
  expect(newest?.["access"]).toBe("assigned");
  expect(await clicks()).not.toContain(failed.id);
  expect(await clicks()).toEqual(expect.arrayContaining([stuck.id, open.id]));
  expect(await operations()).toBe(2);
  expect(await prune()).toEqual({ clicks: 0, operations: 0, events: 0 });

  // The connection is as it was, and can be connected again.
  const { end } = await connect(product, tenant, { org, browser: first.browser });
  expect(end.searchParams.get("ok")).toBe("microsoft_connected");
});

it("forgets events and tells none of them again", async () => {
  await connect(product, product.addTenant());
  await placeEvents(database);
  const before = await product.sql<{ position: string }[]>`select position from events order by position`;
  expect(before.length).toBeGreaterThan(2);
  await age(200);
  await connect(product, product.addTenant());
  await placeEvents(database);
  expect((await prune()).events).toBe(before.length);
  const after = await product.sql<{ position: string }[]>`select position from events order by position`;
  expect(Number(after[0]?.position)).toBeGreaterThan(Number(before.at(-1)?.position));
  expect(await placeEvents(database)).toBe(0);

  // Where everything is old, the last day that was told stays, or the whole trail would be told anew.
  await age(200);
  expect((await prune()).events).toBe(0);
  expect(await placeEvents(database)).toBe(0);
  expect(await product.sql`select from audit_events`).not.toHaveLength(0);
});

it("the database forgets nothing younger than 30 days, whoever asks, and deletes for nobody else", async () => {
  await connect(product, product.addTenant());
  await age(29);
  const before = await clicks();
  await expect(
    runtime`select * from prune_ended(now() - interval '29 days', to_timestamp(0), 1000)`,
  ).rejects.toMatchObject({ code: "23001" });
  await expect(runtime`select * from prune_ended(to_timestamp(0), now(), 1000)`).rejects.toMatchObject({
    code: "23001",
  });
  await expect(runtime`delete from connection_operations`).rejects.toMatchObject({ code: "42501" });
  expect(await clicks()).toEqual(before);
});

it("a table of the caller's own does not stand in for ours while the owner's rights are in use", async () => {
  await runtime.unsafe(`create temporary table connection_operations (like connection_operations)`);
  await runtime.unsafe(
    `insert into pg_temp.connection_operations select * from public.connection_operations`,
  );
  const [ended] = await runtime`select count(*)::int from pg_temp.connection_operations`;
  await age(1000);
  await runtime`select * from prune_ended(now() - interval '900 days', to_timestamp(0), 1000)`;
  expect(await runtime`select count(*)::int from pg_temp.connection_operations`).toEqual([ended]);
  await runtime.unsafe("drop table pg_temp.connection_operations");
});

it("the maintenance schedule's workflow says what was forgotten", async () => {
  const report = (await product.temporal.workflow.execute("maintainConnections", {
    taskQueue: "ms-provision",
    workflowId: "retention-test",
    args: [],
  })) as { pruned?: object };
  expect(report.pruned).toMatchObject({ clicks: expect.any(Number) as number });
});
