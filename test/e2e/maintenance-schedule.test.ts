import { ScheduleNotFoundError } from "@temporalio/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect, eventually, type Product, startProduct } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  await connect(product, product.addTenant());
});
afterAll(() => product.stop());

it("the schedule is there, and one pass of it reads well", async () => {
  const handle = product.temporal.schedule.getHandle("ms-maintenance");
  const description = await handle.describe().catch((error: unknown) => {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  });
  expect(description?.policies.overlap).toBe("SKIP");
  await handle.trigger();
  await eventually(async () => (await handle.describe()).info.recentActions.length > 0);
  const [action] = (await handle.describe()).info.recentActions;
  const result = (await product.temporal.workflow
    .getHandle(action?.action.workflow.workflowId ?? "")
    .result()) as Record<string, number>;
  expect(result["unread"]).toBe(0);
  expect(result["tenants"]).toBeGreaterThan(0);
});
