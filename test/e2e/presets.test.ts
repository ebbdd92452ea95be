import { afterAll, beforeAll, expect, it } from "vitest";
import { renewDue } from "../../src/activities/maintenance/renew-due.ts";
import { reconcile } from "../../src/operations/reconcile.ts";
import { wireActivities } from "../../src/processes/wire-activities.ts";
import { loadWorkerConfig } from "../../src/config/load-config.ts";
import { openDatabase } from "../../src/db/client.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import { connect, eventually, newOrg, type Product, startProduct } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

/** As a person does it on the simulator's page. */
const choose = (preset: string): Promise<Response> =>
  fetch(`${product.simulator.origin}/portal/behaviour`, {
    method: "POST",
    body: new URLSearchParams({ preset }),
    redirect: "manual",
  });

async function renew(org: string): Promise<void> {
  const config = loadWorkerConfig(product.environment);
  if (config.provisioning.kind !== "configured") throw new Error("the test product must be configured");
  const database = openDatabase(config.database);
  const { origin: ssoOrigin, log } = product;
  await product.sql`update sso_connections set updated_at = now() - interval '600 days', secret_expires_at = now() + interval '20 days' where org_id = ${org}`;
  await renewDue(wireActivities({ ...config, provisioning: config.provisioning }, database))({});
  await reconcile({ ctx: { database, runs: product.api.runs, log }, input: { ssoOrigin } });
  await database.close();
}

const kinds = ["connect", "reconnect", "renewal"] as const;

/** What shows in a tenant's calls that the behaviour was felt. */
const signs: Readonly<Record<string, readonly number[]>> = {
  slow: [404, 401],
  throttled: [429],
  noSecrets: [400],
  shortSecrets: [400],
  denied: [403],
  away: [503],
};

it.each(Object.entries(signs))(
  "%s is felt by the first connect, a reconnect and a renewal",
  async (preset, statuses) => {
    const cases = kinds.map((kind) => ({ kind, org: newOrg(), tenant: product.addTenant() }));
    for (const { kind, org, tenant } of cases)
      if (kind !== "connect") await connect(product, tenant, { org });
    const { calls } = product.simulator.world;
    const before = calls.length;
    expect((await choose(preset)).status).toBe(303);
    const runs = cases.map(({ kind, org, tenant }) =>
      kind === "renewal" ? renew(org) : connect(product, tenant, { org }),
    );
    const isFelt = ({ id }: SimulatedTenant): boolean =>
      calls.slice(before).some((call) => call.tenantId === id && statuses.includes(call.status ?? 0));
    try {
      await eventually(() => cases.every(({ tenant }) => isFelt(tenant)), 60_000);
    } catch {
      expect(cases.filter(({ tenant }) => isFelt(tenant)).map(({ kind }) => kind)).toEqual(kinds);
    } finally {
      await choose("prompt");
    }
    await Promise.all(runs);
  },
);
