import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Product, startProduct } from "../support/product.ts";
import { credentialsOf } from "../support/removals.ts";
import { againOfKind, byName, preparedFor, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { waysOf } from "./support/http-faults.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { watchOrder } from "./support/invariants-of-removal.ts";
import { trafficOf } from "./support/traffic.ts";

// Whatever Microsoft answers while a connection is removed or brought back: here it holds at once, there it ends as the
// row says. Each call of both steps, in every way.

let product: Product;
let tooEarly: readonly string[];
beforeAll(async () => {
  product = await startProduct();
  tooEarly = watchOrder(product);
  await product.startWorker({ pace: { budgetFactor: 200, retryDelayMs: 60 } });
});
afterAll(() => product.stop());

const removals = waysOf(trafficOf.removeApplication.calls);
const restores = waysOf(trafficOf.restoreApplication.calls);

const rowOf = async (org: string) =>
  (await product.sql`select * from sso_connections where org_id = ${org}`)[0];

describe.concurrent("a disconnection", () => {
  it.each(byName(removals))("%s", { timeout: 180_000 }, async (_name, { fault, passes }) => {
    const { tenant, org, application } = await preparedFor(product, "disconnect");
    product.simulator.world.setTenantFaults(tenant.id, [fault]);
    const id = await againOfKind.disconnect(product, tenant, org);
    expect(await rowOf(org)).toMatchObject({ status: "disconnected", sealed_secret: null });
    await untilEnded(product, id);
    const { status, cleanup } = await statusOf(product, id);
    expect(status).toBe("succeeded");
    if (passes) expect(cleanup).toBe("done");
    // What is left, or may be, is listed for a person; what is said to be removed is.
    if (application.deletedMs === null) expect(cleanup).toBe("needs_operator");
    if (cleanup === "done") expect(credentialsOf(application)).toEqual([]);
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
  });
});

it("a credential at which Microsoft fails for ever keeps neither the others nor the application", async () => {
  const { tenant, org, application } = await preparedFor(product, "disconnect");
  product.simulator.world.setTenantFaults(tenant.id, [
    { call: "removePrincipalPassword", kind: "answer", status: 500, code: "InternalServerError", times: 1e6 },
  ]);
  const id = await againOfKind.disconnect(product, tenant, org);
  await untilEnded(product, id);
  expect(await statusOf(product, id)).toMatchObject({ status: "succeeded", cleanup: "needs_operator" });
  expect(application.deletedMs).not.toBeNull();
  expect(credentialsOf({ ...application, servicePrincipalCredentials: [] })).toEqual([]);
  expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
});

describe.concurrent("a restore", () => {
  it.each(byName(restores))("%s", { timeout: 180_000 }, async (_name, { fault, passes }) => {
    const { tenant, org } = await preparedFor(product, "restore");
    const before = await rowOf(org);
    product.simulator.world.setTenantFaults(tenant.id, [fault]);
    const id = await againOfKind.restore(product, tenant, org);
    await untilEnded(product, id);
    const { status } = await statusOf(product, id);
    if (passes) expect(status).toBe("succeeded");
    expect(await rowOf(org)).toMatchObject({
      id: before?.["id"],
      status: status === "succeeded" ? "active" : "disconnected",
    });
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
  });
});

it("nothing was taken away for a disconnection before its row said so", () => {
  expect(tooEarly).toEqual([]);
});

itHasDocumentedCases("disconnect and restore", removals.length + restores.length);
