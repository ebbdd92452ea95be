import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, type Product, startProduct } from "../support/product.ts";
import { queueProvisions } from "./support/queue-provisions.ts";

// Many organizations of one throttled tenant: they wait as rows, and Microsoft is asked once in each window.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

const queued = 200;
const windowMs = 2000;

it(
  `${queued} provisions against a tenant that throttles: one call in each window, then all finish`,
  { timeout: 360_000 },
  async () => {
    const tenant = product.addTenant();
    const { world } = product.simulator;
    world.setTenantFaults(tenant.id, [
      {
        call: "instantiate",
        kind: "answer",
        status: 429,
        retryAfter: String(windowMs / 1000),
        times: 1_000_000,
      },
    ]);
    await queueProvisions(product, tenant, queued);
    await product.startWorker();
    const askedAt = () =>
      world.calls
        .filter(({ call, tenantId }) => call === "instantiate" && tenantId === tenant.id)
        .map(({ at }) => Date.parse(at));
    await eventually(() => askedAt().length >= 4, 120_000);
    await new Promise((resolve) => setTimeout(resolve, 3 * windowMs));
    const [open] =
      await product.sql`select count(*)::int as n from ms_provision_requests where status = 'provisioning'`;
    expect(open?.["n"]).toBeLessThanOrEqual(10);
    // What was under way when the first 429 came may have been sent beside it.
    const times = askedAt();
    const later = times.filter((at) => at > (times[0] ?? 0) + 500);
    for (const [index, at] of later.entries())
      if (index > 0) expect(at - (later[index - 1] ?? 0)).toBeGreaterThanOrEqual(windowMs - 50);
    world.setTenantFaults(tenant.id, []);
    await eventually(async () => {
      const [left] =
        await product.sql`select count(*)::int as n from ms_provision_requests where status <> 'succeeded'`;
      return left?.["n"] === 0;
    }, 150_000);
    expect(tenant.applications).toHaveLength(queued);
  },
);
