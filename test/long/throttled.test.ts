import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { proveAndStart, untilEnded } from "../faults/support/cases.ts";
import { type Process, startProcess } from "../faults/support/processes.ts";
import { queueProvisions } from "../faults/support/queue-provisions.ts";
import { eventually, type Product, startProduct } from "../support/product.ts";

// Ten thousand provisions of one tenant that throttles: they wait as rows, not in the worker.

const queued = Number(process.env["THROTTLED_PROVISIONS"] ?? 10_000);
const throttledForMs = Number(process.env["THROTTLED_SECONDS"] ?? 120) * 1000;
const windowMs = 5000;

let product: Product;
let worker: Process;
beforeAll(async () => {
  product = await startProduct();
  worker = await startProcess("worker", product.environment, product.lines);
});
afterAll(async () => {
  await worker.kill("SIGTERM");
  await product.stop();
});

const residentMiB = (): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${worker.pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

it(`${queued} provisions against a throttling tenant`, async () => {
  const { world } = product.simulator;
  // Idle means: after some work, ten runs at once, so that code, caches and connections are there.
  const lane = async () => {
    for (let count = 0; count < 20; count += 1)
      await untilEnded(product, (await proveAndStart(product, product.addTenant())).id);
  };
  await Promise.all(Array.from({ length: 10 }, lane));
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const idle = residentMiB();
  const tenant = product.addTenant();
  world.setTenantFaults(tenant.id, [
    { call: "instantiate", kind: "answer", status: 429, retryAfter: String(windowMs / 1000), times: 1e9 },
  ]);
  await queueProvisions(product, tenant, queued);
  const begunMs = Date.now();
  const memory: number[] = [];
  while (Date.now() - begunMs < throttledForMs) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    memory.push(residentMiB());
  }
  const peak = Math.max(...memory);
  const later = memory.slice(Math.floor(memory.length / 2));
  const calls = world.calls.filter(
    ({ call, tenantId }) => call === "instantiate" && tenantId === tenant.id,
  ).length;
  const windows = throttledForMs / windowMs;
  process.stdout.write(
    `throttled for ${throttledForMs / 1000} s: worker ${idle.toFixed(0)} MiB idle, ${peak.toFixed(0)} MiB at most (${(peak / idle).toFixed(2)}×; second half ${Math.min(...later).toFixed(0)} to ${Math.max(...later).toFixed(0)}), ${calls} calls in ${windows} windows\n`,
  );
  expect(peak / idle).toBeLessThanOrEqual(1.1);
  // The ten that may run may have been sent at once, before the first 429 came back.
  expect(calls).toBeLessThanOrEqual(windows + 10);
  world.setTenantFaults(tenant.id, []);
  const goneMs = Date.now();
  await eventually(async () => {
    const [left] =
      await product.sql`select count(*)::int as n from ms_provision_requests where status <> 'succeeded'`;
    return left?.["n"] === 0;
  }, 3_000_000);
  const seconds = (Date.now() - goneMs) / 1000;
  process.stdout.write(
    `all ${queued} live after ${seconds.toFixed(0)} s, ${(queued / seconds).toFixed(1)} a second\n`,
  );
  expect(tenant.applications).toHaveLength(queued);
});
