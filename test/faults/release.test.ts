import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Product, startProduct } from "../support/product.ts";
import { againOfKind, byName, preparedFor, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { waysOf } from "./support/http-faults.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { trafficOf } from "./support/traffic.ts";

// Whatever Microsoft answers while our app leaves a directory: what the row says is so there, and sign-in goes on.

const cases = waysOf(trafficOf.releaseAccess.calls);

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker({ timeoutMs: 700, pace: { budgetFactor: 60, retryDelayMs: 60 } });
});
afterAll(() => product.stop());

describe.concurrent("a release", () => {
  it.each(byName(cases))("%s", { timeout: 180_000 }, async (_name, { fault, passes }) => {
    const { tenant, org } = await preparedFor(product, "release");
    product.simulator.world.setTenantFaults(tenant.id, [fault]);
    const id = await againOfKind.release(product, tenant, org);
    await untilEnded(product, id);
    const { status, cleanup } = await statusOf(product, id);
    expect(cleanup).toBe("none");
    if (passes) expect(status).toBe("succeeded");
    const [row] =
      await product.sql`select status, access_released_at from sso_connections where org_id = ${org}`;
    expect(row?.["status"]).toBe("active");
    expect(row?.["access_released_at"] !== null).toBe(status === "succeeded");
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
  });
});

itHasDocumentedCases("release", cases.length);
