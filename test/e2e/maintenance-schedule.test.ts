import { ScheduleNotFoundError } from "@temporalio/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keepSchedule } from "../../src/processes/keep-schedule.ts";
import { connect, eventually, type Product, startProduct } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  await connect(product, product.addTenant());
});
afterAll(() => product.stop());

const schedule = () => product.temporal.schedule.getHandle("ms-maintenance");
const describe = () =>
  schedule()
    .describe()
    .catch((error: unknown) => {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    });

it("a schedule that is gone, as from a store that was emptied, is made again", async () => {
  await eventually(async () => (await describe()) !== undefined);
  await schedule().delete();
  expect(await describe()).toBeUndefined();
  const keeper = keepSchedule(product.temporal, product.log, 100);
  await eventually(async () => (await describe()) !== undefined);
  await schedule().delete();
  await eventually(async () => (await describe()) !== undefined);
  await keeper.stop();
});

it("the schedule is there, and one pass of it reads well", async () => {
  await eventually(async () => (await describe()) !== undefined);
  const handle = schedule();
  expect((await describe())?.policies.overlap).toBe("SKIP");
  await handle.trigger();
  await eventually(async () => (await handle.describe()).info.recentActions.length > 0);
  const [action] = (await handle.describe()).info.recentActions;
  const result = (await product.temporal.workflow
    .getHandle(action?.action.workflow.workflowId ?? "")
    .result()) as Record<string, number>;
  expect(result["unread"]).toBe(0);
  expect(result["tenants"]).toBeGreaterThan(0);
});
