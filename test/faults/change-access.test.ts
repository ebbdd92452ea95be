import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newOrg, type Product, startProduct } from "../support/product.ts";
import { againOfKind, byName, proveAndStart, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { waysOf } from "./support/http-faults.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { trafficOf } from "./support/traffic.ts";

// Whatever Microsoft answers while it is told who may sign in: the row says what was read there, or what it said before.

const cases = waysOf(trafficOf.changeAccess.calls);

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker({ timeoutMs: 700, pace: { budgetFactor: 20, retryDelayMs: 60 } });
});
afterAll(() => product.stop());

describe.concurrent("a change of access", () => {
  it.each(byName(cases))("%s", { timeout: 180_000 }, async (_name, { fault, passes }) => {
    const [tenant, org] = [product.addTenant(), newOrg()];
    const first = await proveAndStart(product, tenant, org);
    await untilEnded(product, first.id);
    product.simulator.world.setTenantFaults(tenant.id, [fault]);
    const id = await againOfKind.change_access(product, tenant, org);
    await untilEnded(product, id);
    const { status, cleanup } = await statusOf(product, id);
    expect(cleanup).toBe("none");
    if (passes) expect(status).toBe("succeeded");
    const [row] =
      await product.sql`select access, access_error_code from sso_connections where org_id = ${org}`;
    expect(row?.["access"]).toBe(status === "succeeded" ? "assigned" : "everyone");
    expect(row?.["access_error_code"] === null).toBe(status === "succeeded");
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
  });
});

itHasDocumentedCases("change of access", cases.length);
