import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../src/simulator/options.ts";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { eventually, type Product, startProduct } from "../support/product.ts";
import { byName, proveAndStart, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { alsoOf, targets } from "./support/traffic.ts";

// Each call to Microsoft, told to wait in each way a header can say it. The delays are the product's own here: none of
// them may be nothing, which Temporal takes for the end, and none may park a customer.

const daysMs = 24 * 60 * 60_000;
const at = (ms: number): string => new Date(Date.now() + ms).toUTCString();
const short = [
  ["0", "0"],
  ["negative", "-5"],
  ["empty", ""],
  ["a word", "abc"],
  ["a fraction", "1.5"],
  ["an exponent", "1e12"],
  ["a date long past", "Wed, 21 Oct 2015 07:28:00 GMT"],
  ["a date just past", at(-1000)],
  ["a date to come", at(1500)],
  ["twice", "0, 0"],
  ["two of them", "1, 2"],
] as const;
const long = [
  ["an hour", "3600"],
  ["thirty years", "1000000000"],
  ["more than a number holds", "9".repeat(400)],
  ["a date in a year", at(365 * daysMs)],
] as const;

const casesOf = (values: typeof short | typeof long, statuses: readonly number[]) =>
  targets.flatMap((target) =>
    values.flatMap(([value, retryAfter]) =>
      statuses.map((status) => {
        const { call, of } = target;
        const fault: Fault = { call, kind: "answer", status, retryAfter, ...(of ? { of } : {}) };
        return { name: `${target.name} × ${status} × Retry-After: ${value}`, target, fault };
      }),
    ),
  );
const shortCases = casesOf(short, [429, 503]);
const longCases = casesOf(long, [429, 503]);

let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_ADOPT_WINDOW_MS: "400" });
  await product.startWorker();
});
afterAll(() => product.stop());

async function begin({ target, fault }: (typeof shortCases)[number]) {
  const tenant = product.addTenant();
  product.simulator.world.setTenantFaults(tenant.id, [...alsoOf(target), fault]);
  const { id } = await proveAndStart(product, tenant);
  return { id, tenant };
}

describe.concurrent("waits of nothing, and what cannot be read", () => {
  it.each(byName(shortCases))("%s", { timeout: 120_000 }, async (_name, one) => {
    const { id, tenant } = await begin(one);
    await untilEnded(product, id, 80_000);
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
    expect(await statusOf(product, id)).toMatchObject(
      one.target.undo ? { status: "failed", cleanup: "done" } : { status: "succeeded" },
    );
  });
});

describe.concurrent("waits without end are cut to minutes", () => {
  it.each(byName(longCases))("%s", { timeout: 120_000 }, async (_name, one) => {
    const { id } = await begin(one);
    const handle = product.temporal.workflow.getHandle(`ms-provision-${id}`);
    const delay = async () => {
      const { raw } = await handle.describe();
      // Steps run side by side: another one may stand beside the one that waits.
      const waits = (raw.pendingActivities ?? []).map(({ lastFailure }) =>
        Number(lastFailure?.applicationFailureInfo?.nextRetryDelay?.seconds ?? 0),
      );
      return Math.max(0, ...waits);
    };
    await eventually(async () => (await delay()) > 0);
    expect(await delay()).toBeGreaterThan(200);
    expect(await delay()).toBeLessThanOrEqual(300);
    const { status, cleanup } = await statusOf(product, id);
    expect(["provisioning none", "succeeded none", "failed pending"]).toContain(`${status} ${cleanup}`);
    // What is left to see takes minutes.
    await handle.terminate();
    if (status !== "succeeded")
      await product.sql`update connection_operations set status = 'failed', error_code = 'internal', cleanup = 'done', completed_at = now() where request_id = ${id}`;
  });
});

itLeavesNoPlaintext(() => product);

itHasDocumentedCases("HTTP, told to wait", shortCases.length + longCases.length);
