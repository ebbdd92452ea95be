import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../src/simulator/options.ts";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { eventually, type Product, startProduct } from "../support/product.ts";
import { byName, proveAndStart, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { ways, writingWays } from "./support/http-faults.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { alsoOf, targets } from "./support/traffic.ts";

// Each call to Microsoft, with each way it can go wrong, once, three times and for ever. After each case every
// invariant holds; a passing fault costs nobody the connection.

const repeats = [
  ["once", 1],
  ["three times", 3],
  ["for ever", 1_000_000],
] as const;

const cases = targets.flatMap((target) =>
  [...ways, ...(target.writes ? writingWays : [])].flatMap(([way, kind, severity]) =>
    repeats.map(([often, times]) => ({
      name: `${target.name} × ${way} × ${often}`,
      target,
      fault: { ...kind, call: target.call, times, ...(target.of ? { of: target.of } : {}) } as Fault,
      severity,
      isForEver: often === "for ever",
    })),
  ),
);

let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_ADOPT_WINDOW_MS: "400" });
  // Budgets of 15 minutes last 45 seconds, those of 3 minutes 9: a busy machine needs some of them for three attempts.
  // A call is given up after 700 ms.
  await product.startWorker({ timeoutMs: 700, pace: { budgetFactor: 20, retryDelayMs: 60 } });
});
afterAll(() => product.stop());

/** What Microsoft must have answered to before "for ever" is long enough. */
const attemptsSeen = 4;

describe.concurrent("http", () => {
  it.each(byName(cases))(
    "%s",
    { timeout: 240_000 },
    async (_name, { target, fault, severity, isForEver }) => {
      const tenant = product.addTenant();
      const { world } = product.simulator;
      world.setTenantFaults(tenant.id, [...alsoOf(target), fault]);
      const { id } = await proveAndStart(product, tenant);
      const seen = () =>
        world.calls.filter(({ call, tenantId }) => call === fault.call && tenantId === tenant.id).length;
      const hasEnded = async () => {
        const { status, cleanup } = await statusOf(product, id);
        return status === "succeeded" || (status === "failed" && cleanup !== "pending");
      };
      if (isForEver) {
        await eventually(async () => (await hasEnded()) || seen() >= attemptsSeen, 120_000);
        world.setTenantFaults(tenant.id, alsoOf(target));
      }
      await untilEnded(product, id, 180_000);
      expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
      const { status } = await statusOf(product, id);
      if (target.undo) expect(status).toBe("failed");
      else if (severity === "passes" && !isForEver) expect(status).toBe("succeeded");
    },
  );
});

itLeavesNoPlaintext(() => product);

itHasDocumentedCases("HTTP", cases.length);
