import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, type Product, startProduct } from "../support/product.ts";
import { proveAndStart, statusOf } from "../faults/support/cases.ts";

// Temporal's worker versioning: a run ends on the version that it began on, new ones go to the current version.

let product: Product;
const deploymentName = "authio";
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

const startVersion = (buildId: string) =>
  product.startWorker({}, { AUTHIO_WORKER_DEPLOYMENT: deploymentName, AUTHIO_WORKER_BUILD_ID: buildId });

/** The server hears of a version when its first worker polls. */
async function makeCurrent(buildId: string): Promise<void> {
  const namespace = product.environment["TEMPORAL_NAMESPACE"] ?? "";
  await eventually(async () => {
    try {
      await product.temporal.workflowService.setWorkerDeploymentCurrentVersion({
        namespace,
        deploymentName,
        buildId,
      });
      return true;
    } catch {
      return false;
    }
  });
}

async function versionOf(id: string): Promise<string | undefined> {
  const { raw } = await product.temporal.workflow.getHandle(`ms-provision-${id}`).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
}

it("the next version takes over while a run of the first is under way", async () => {
  await startVersion("v1");
  await makeCurrent("v1");
  const [held, next] = [product.addTenant(), product.addTenant()];
  product.simulator.world.setTenantFaults(held.id, [
    { call: "addPassword", kind: "answer", status: 503, times: 1_000_000 },
  ]);
  const first = await proveAndStart(product, held);
  await eventually(async () => (await versionOf(first.id)) === "v1");
  await startVersion("v2");
  await makeCurrent("v2");
  const second = await proveAndStart(product, next);
  await eventually(async () => (await statusOf(product, second.id)).status === "succeeded");
  expect(await versionOf(second.id)).toBe("v2");
  product.simulator.world.setTenantFaults(held.id, []);
  await eventually(async () => (await statusOf(product, first.id)).status === "succeeded");
  expect(await versionOf(first.id)).toBe("v1");
});
