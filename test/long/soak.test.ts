import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fault } from "../../src/simulator/options.ts";
import { eventually, type Product, startProduct } from "../support/product.ts";
import { proveAndStart, statusOf, untilEnded } from "../faults/support/cases.ts";
import { ways, writingWays } from "../faults/support/http-faults.ts";
import { targets } from "../faults/support/traffic.ts";
import { brokenInvariants } from "../faults/support/invariants.ts";
import { type Process, startProcess } from "../faults/support/processes.ts";
import { seededRandom } from "../faults/support/seeded-random.ts";

// Minutes of provisions with a tenth of Microsoft's answers going wrong, while workers are killed and started again.

const minutes = Number(process.env["SOAK_MINUTES"] ?? 10);
const seed = Number(process.env["FAULT_SEED"] ?? 1);
const lanes = 6;
const workersMax = 3;
const killEveryMs = 20_000;

let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_ADOPT_WINDOW_MS: "2000" });
});
afterAll(() => product.stop());

const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

it(`soak of ${minutes} minutes, seed ${seed}`, async () => {
  const random = seededRandom(seed);
  const endMs = Date.now() + minutes * 60_000;
  const { world } = product.simulator;
  const workers: Process[] = [];
  const startWorker = async (): Promise<void> =>
    void workers.push(await startProcess("worker", product.environment, product.lines));
  for (let count = 0; count < workersMax; count += 1) await startWorker();
  // The first one is never killed: its memory is what is measured.
  const [steady] = workers;
  const memory: [number, number][] = [];
  const begunMs = Date.now();
  const kills = (async () => {
    let killed = 0;
    while (Date.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, killEveryMs));
      memory.push([(Date.now() - begunMs) / 60_000, residentMiB(steady?.pid ?? 0)]);
      const victim = workers.splice(1 + Math.floor(random.next() * (workers.length - 1)), 1)[0];
      await victim?.kill(random.next() < 0.8 ? "SIGKILL" : "SIGTERM");
      killed += 1;
      await startWorker();
    }
    return killed;
  })();

  const broken: string[] = [];
  let [ended, succeeded] = [0, 0];
  const lane = async (): Promise<void> => {
    while (Date.now() < endMs) {
      const tenant = product.addTenant();
      const faults = targets.flatMap((target): Fault[] =>
        // About a tenth of all answers: each call has one chance in three to have its 1st to 3rd answer spoiled.
        random.next() > 0.33
          ? []
          : [
              {
                ...random.pick(target.writes ? [...ways, ...writingWays] : ways)[1],
                call: target.call,
                from: random.upTo(3),
                ...(target.of ? { of: target.of } : {}),
              },
            ],
      );
      world.setTenantFaults(tenant.id, faults);
      const { id } = await proveAndStart(product, tenant);
      await untilEnded(product, id, 240_000);
      world.setTenantFaults(tenant.id, []);
      // A kill may leave a stray for the settle that follows after 15 s.
      const look = async () => brokenInvariants({ product, tenant, requestId: id });
      let found = await look();
      if (found.length > 0)
        await eventually(async () => (found = await look()).length === 0, 60_000).catch(() => undefined);
      broken.push(...found.map((text) => `${id} (${JSON.stringify(faults)}): ${text}`));
      ended += 1;
      if ((await statusOf(product, id)).status === "succeeded") succeeded += 1;
      world.tenants.splice(world.tenants.indexOf(tenant), 1);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const killed = await kills;
  const settled = memory.filter(([minute]) => minute > minutes / 4);
  process.stdout.write(
    `${ended} provisions in ${minutes} min (${(ended / minutes / 60).toFixed(2)} a second), ${succeeded} live, ${killed} workers stopped, ${broken.length} broken invariants; steady worker ${settled[0]?.[1].toFixed(0)} → ${settled.at(-1)?.[1].toFixed(0)} MiB, slope ${slope(settled).toFixed(2)} MiB a minute\n`,
  );
  await Promise.all(workers.map((worker) => worker.kill("SIGTERM")));
  expect(broken).toEqual([]);
  expect(ended).toBeGreaterThan(minutes * 10);
});

/** Least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return over / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
