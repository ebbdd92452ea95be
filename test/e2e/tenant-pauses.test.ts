import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/db/client.ts";
import { openTenantPauses } from "../../src/db/tenant-pauses.ts";
import type { EntraTenantId } from "../../src/domain/ids.ts";
import { createInstallationGates, type InstallationGates } from "../../src/entra/installation-gates.ts";
import { type Product, startProduct } from "../support/product.ts";

let product: Product;
let databases: Database[];
/** Of two processes: each has a database of its own to ask, and nothing else in common. */
let [one, other]: InstallationGates[] = [];
beforeAll(async () => {
  product = await startProduct();
  databases = [1, 2].map(() => openDatabase(product.environment["DATABASE_URL"] ?? ""));
  [one, other] = databases.map((database) => createInstallationGates(openTenantPauses(database)));
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await product.stop();
});

const newTenantId = () => randomUUID() as EntraTenantId;
const throttled = { code: "microsoft_throttled", facts: { status: 429, reason: "waiting_for_the_tenant" } };
const enter = (gates: InstallationGates | undefined, tenantId: EntraTenantId) =>
  gates ? gates.enter(tenantId) : Promise.reject(new Error("no gates"));
const rows = (tenantId: EntraTenantId) =>
  product.sql`select first_until from tenant_pauses where entra_tenant_id = ${tenantId}`;

it("what one process was told to wait for, all wait for; another tenant's calls go on", async () => {
  const tenantId = newTenantId();
  await (
    await enter(one, tenantId)
  )(429, 60_000);
  const refused = await enter(other, tenantId).catch((error: unknown) => error);
  expect(refused).toMatchObject(throttled);
  const { retryAfterMs } = (refused as { facts: { retryAfterMs: number } }).facts;
  expect(retryAfterMs).toBeGreaterThan(55_000);
  expect(retryAfterMs).toBeLessThanOrEqual(90_000);
  await expect(enter(one, tenantId)).rejects.toMatchObject(throttled);
  await (
    await enter(other, newTenantId())
  )(200);
});

it("after the window one call of all processes goes first, and the others when it got through", async () => {
  // Many, for the processes ask at the same moment, and only some of those meet.
  const tenantIds = Array.from({ length: 20 }, newTenantId);
  for (const tenantId of tenantIds) await (await enter(one, tenantId))(429, 300);
  await sleep(400);
  for (const tenantId of tenantIds) {
    const attempts = await Promise.allSettled(
      [one, other, one, other].map((gates) => enter(gates, tenantId)),
    );
    const entered = attempts.filter((attempt) => attempt.status === "fulfilled");
    expect(entered).toHaveLength(1);
    await entered[0]?.value(200);
    expect(await rows(tenantId)).toHaveLength(0);
  }
  await sleep(1600);
  for (const tenantId of tenantIds)
    for (const gates of [one, other]) await (await enter(gates, tenantId))(200);
});

it("a first call that is throttled again closes the tenant for all, and one that died is followed", async () => {
  const tenantId = newTenantId();
  await (
    await enter(one, tenantId)
  )(429, 100);
  await sleep(200);
  await (
    await enter(other, tenantId)
  )(429, 60_000);
  await expect(enter(one, tenantId)).rejects.toMatchObject(throttled);

  const second = newTenantId();
  await (
    await enter(one, second)
  )(429, 100);
  await sleep(200);
  await enter(one, second);
  await expect(enter(other, second)).rejects.toMatchObject(throttled);
  // As if its five seconds were over.
  await product.sql`update tenant_pauses set first_until = now() where entra_tenant_id = ${second}`;
  await sleep(1600);
  await (
    await enter(other, second)
  )(200);
  expect(await rows(second)).toHaveLength(0);
});

it("while PostgreSQL is away a process keeps to what it was told itself", async () => {
  const away = openDatabase("postgres://nobody:x@127.0.0.1:9/authio");
  const gates = createInstallationGates(openTenantPauses(away));
  const tenantId = newTenantId();
  await (
    await gates.enter(tenantId)
  )(200);
  await (
    await gates.enter(tenantId)
  )(429, 60_000);
  await expect(gates.enter(tenantId)).rejects.toMatchObject(throttled);
  await away.close();
});
