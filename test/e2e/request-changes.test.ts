import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRequestChanges, type RequestChanges } from "../../src/db/request-changes.ts";
import type { ProvisionRequestId } from "../../src/domain/ids.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { eventually, newOrg, type Product, start, startProduct } from "../support/product.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

async function newRequest(): Promise<ProvisionRequestId> {
  return (await start(product, new Browser(), newOrg())).id as ProvisionRequestId;
}

const setStatus = (id: string, status: string) =>
  product.sql`update ms_provision_requests set status = ${status} where id = ${id}`;

/** Whether this process is told of a change of that request now; counts how often. */
function countChanges(changes: RequestChanges, id: ProvisionRequestId) {
  const seen = { times: 0, stop: () => {} };
  seen.stop = changes.watch(id, () => (seen.times += 1));
  return seen;
}

it("PostgreSQL tells whoever waits for a request of each change of its status, and nobody else", async () => {
  const changes = openRequestChanges(product.environment["DATABASE_URL"] ?? "");
  const [id, other] = [await newRequest(), await newRequest()];
  const [mine, others] = [countChanges(changes, id), countChanges(changes, other)];
  await eventually(() => changes.isTold);
  // Both were woken when the listening began.
  const before = [mine.times, others.times];
  await setStatus(id, "consented");
  await eventually(() => mine.times === (before[0] ?? 0) + 1, 2000);
  await product.sql`update ms_provision_requests set org_name = 'other' where id = ${id}`;
  const undone = product.sql.begin(async (sql) => {
    await sql`update ms_provision_requests set status = 'issued' where id = ${id}`;
    throw new Error("not after all");
  });
  await expect(undone).rejects.toThrow("not after all");
  await sleep(200);
  expect([mine.times, others.times]).toEqual([(before[0] ?? 0) + 1, before[1]]);
  mine.stop();
  await setStatus(id, "issued");
  await sleep(200);
  expect(mine.times).toBe((before[0] ?? 0) + 1);
  await changes.close();
});

it("a lost connection wakes those who wait and is replaced, and what it tells is heard again", async () => {
  const changes = openRequestChanges(product.environment["DATABASE_URL"] ?? "");
  const id = await newRequest();
  const mine = countChanges(changes, id);
  await eventually(() => changes.isTold);
  const before = mine.times;
  const ended = await product.sql`select pg_terminate_backend(pid) from pg_stat_activity
    where query ilike 'listen %' and datname = current_database()`;
  expect(ended.length).toBeGreaterThan(0);
  await eventually(() => mine.times >= before + 2 && changes.isTold);
  const again = mine.times;
  await setStatus(id, "consented");
  await eventually(() => mine.times > again, 2000);
  await changes.close();
});

describe("a connection that falls silent", () => {
  async function throughProxy() {
    const url = new URL(product.environment["DATABASE_URL"] ?? "");
    const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    return { proxy, changes: openRequestChanges(url.href, 200) };
  }

  it("is replaced, and what it tells is heard again", async () => {
    const { proxy, changes } = await throughProxy();
    const id = await newRequest();
    const mine = countChanges(changes, id);
    await eventually(() => changes.isTold);
    const before = mine.times;
    proxy.strand();
    await eventually(() => mine.times >= before + 2 && changes.isTold, 5000);
    const again = mine.times;
    await setStatus(id, "consented");
    await eventually(() => mine.times > again, 2000);
    await changes.close();
    await proxy.close();
  });

  it("before it is told anything holds up no stop", async () => {
    const { proxy, changes } = await throughProxy();
    let isAsked = false;
    proxy.watch = (text) => {
      isAsked ||= text.includes("listen ");
      return isAsked ? "hold" : "pass";
    };
    changes.watch(await newRequest(), () => undefined);
    await eventually(() => isAsked);
    const stoppedMs = performance.now();
    await changes.close();
    expect(performance.now() - stoppedMs).toBeLessThan(300);
    await proxy.close();
  });
});

it("behind a pooler nothing is told, and no connection is held", async () => {
  const url = new URL(product.environment["DATABASE_URL"] ?? "");
  url.searchParams.set("pgbouncer", "true");
  url.searchParams.set("application_name", "behind-a-pooler");
  const changes = openRequestChanges(url.href);
  const mine = countChanges(changes, await newRequest());
  await sleep(500);
  expect([changes.isTold, mine.times]).toEqual([false, 0]);
  const held = await product.sql`select 1 from pg_stat_activity where application_name = 'behind-a-pooler'`;
  expect(held).toHaveLength(0);
  await changes.close();
});

it("while PostgreSQL is away waiting goes on, and close ends it", async () => {
  const changes = openRequestChanges("postgres://nobody:x@127.0.0.1:9/authio");
  const mine = countChanges(changes, "mspr_x" as ProvisionRequestId);
  // Each try that fails wakes once, so that nobody sleeps on a connection that is not there.
  await eventually(() => mine.times >= 2);
  expect(changes.isTold).toBe(false);
  await changes.close();
});
