import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { noRealism } from "../../src/simulator/options.ts";
import { liveApplications, type Product, startProduct } from "../support/product.ts";
import { removalsOf } from "../support/removals.ts";

// What may be left of a removed application, and what may come back with it.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => {
  product.simulator.world.setFaults([]);
  product.simulator.world.realism = noRealism;
});

const { connected, call, rowOf, ended } = removalsOf(() => product);

it("takes an application away with a credential that Microsoft keeps, and lists it", async () => {
  const one = await connected();
  const [application] = liveApplications(one.tenant);
  product.simulator.world.setTenantFaults(one.tenant.id, [
    { call: "removePassword", kind: "answer", status: 400, code: "Property_Invalid", times: 1_000_000 },
  ]);
  await call(one, "DELETE");
  expect(await ended(one, "disconnect")).toMatchObject({ status: "succeeded", cleanup: "needs_operator" });
  expect(application?.deletedMs).not.toBeNull();
  product.simulator.world.setTenantFaults(one.tenant.id, []);
  expect((await call(one, "POST")).status).toBe(202);
  expect(await ended(one, "restore")).toMatchObject({ status: "succeeded" });
  expect(application?.credentials.map(({ keyId }) => keyId)).toEqual([(await rowOf(one))?.["secret_key_id"]]);
});

it("takes certificates away that came back with the application", async () => {
  const one = await connected();
  const [application] = liveApplications(one.tenant);
  await call(one, "DELETE");
  await ended(one, "disconnect");
  if (application) application.properties["keyCredentials"] = [{ keyId: "k", displayName: null }];
  expect((await call(one, "POST")).status).toBe(202);
  expect(await ended(one, "restore")).toMatchObject({ status: "succeeded" });
  expect(application?.properties["keyCredentials"]).toEqual([]);
});
