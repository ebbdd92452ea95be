import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, type Product, startProduct } from "../support/product.ts";
import { proveAndStart, statusOf, untilEnded } from "../faults/support/cases.ts";

// How long a step is tried again depends on the cause. Fifteen minutes last three seconds here.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker({ pace: { budgetFactor: 300, retryDelayMs: 60 } });
});
afterAll(() => product.stop());

const notThere = {
  call: "patchApplication",
  kind: "answer",
  status: 404,
  code: "Request_ResourceNotFound",
} as const;
const away = { call: "patchApplication", kind: "answer", status: 503 } as const;

it("a cause that lasts longer than its time ends the run", async () => {
  const tenant = product.addTenant();
  product.simulator.world.setTenantFaults(tenant.id, [{ ...notThere, times: 1_000_000 }]);
  const { id } = await proveAndStart(product, tenant);
  await untilEnded(product, id);
  expect(await statusOf(product, id)).toEqual({
    status: "failed",
    cleanup: "done",
    code: "application_not_ready",
  });
});

it("the time for a cause begins with that cause, not with the step", async () => {
  const tenant = product.addTenant();
  const { world } = product.simulator;
  world.setTenantFaults(tenant.id, [{ ...away, times: 1_000_000 }]);
  const { id } = await proveAndStart(product, tenant);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  world.setTenantFaults(tenant.id, [{ ...notThere, times: 2 }]);
  await eventually(async () => (await statusOf(product, id)).status !== "provisioning");
  expect((await statusOf(product, id)).status).toBe("succeeded");
});
