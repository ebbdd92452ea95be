import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../src/simulator/options.ts";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { type Product, startProduct } from "../support/product.ts";
import { proveAndStart, statusOf, untilEnded } from "./support/cases.ts";
import { ways, writingWays } from "./support/http-faults.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { seededRandom } from "./support/seeded-random.ts";
import { targets } from "./support/traffic.ts";

// Several faults at once, by seed: FAULT_SEED=17 npm run faults -- random-walk repeats one walk.

const given = process.env["FAULT_SEED"];
const seeds = given === undefined ? Array.from({ length: 100 }, (_, index) => index + 1) : [Number(given)];

let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_ADOPT_WINDOW_MS: "400" });
  await product.startWorker({ timeoutMs: 700, pace: { budgetFactor: 60, retryDelayMs: 60 } });
});
afterAll(() => product.stop());

/** One to five faults, each on some of the calls. */
function walk(seed: number): Fault[] {
  const random = seededRandom(seed);
  return Array.from({ length: random.upTo(5) }, () => {
    const target = random.pick(targets);
    const [, kind] = random.pick(target.writes ? [...ways, ...writingWays] : ways);
    return {
      ...kind,
      call: target.call,
      from: random.upTo(3),
      times: random.upTo(4),
      ...(target.of ? { of: target.of } : {}),
    };
  });
}

describe.concurrent("random walk", () => {
  it.each(seeds)("seed %i", { timeout: 240_000 }, async (seed) => {
    const tenant = product.addTenant();
    const faults = walk(seed);
    product.simulator.world.setTenantFaults(tenant.id, faults);
    const { id } = await proveAndStart(product, tenant);
    await untilEnded(product, id, 200_000);
    const broken = await brokenInvariants({ product, tenant, requestId: id });
    expect(broken, `seed ${seed}: ${JSON.stringify(faults)}`).toEqual([]);
    expect(["succeeded", "failed"]).toContain((await statusOf(product, id)).status);
  });
});

itLeavesNoPlaintext(() => product);
