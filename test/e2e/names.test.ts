import { afterAll, beforeAll, expect, it } from "vitest";
import { proveAndStart, statusOf, untilEnded } from "../faults/support/cases.ts";
import { liveApplications, newOrg, type Product, startProduct } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

// The simulator counts as Entra is said to: 120 UTF-16 units in a PATCH.
it.each([
  ["80 letters outside the basic plane", "𝔸".repeat(80)],
  ["256 letters", "n".repeat(256)],
  ["families", "👨‍👩‍👧‍👦".repeat(20)],
])("an organization named with %s is connected", async (_what, orgName) => {
  const tenant = product.addTenant();
  const { id } = await proveAndStart(product, tenant, newOrg(), orgName);
  await untilEnded(product, id);
  expect((await statusOf(product, id)).status).toBe("succeeded");
  expect(liveApplications(tenant)[0]?.properties["displayName"]).toContain(
    `Authio SSO – ${orgName.slice(0, 2)}`,
  );
});
