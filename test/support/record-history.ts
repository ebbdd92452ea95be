import { writeFileSync } from "node:fs";
import path from "node:path";
import proto from "@temporalio/proto";
import { eventually, type Product } from "./product.ts";

/**
 * A run's history once it has ended. With RECORD_HISTORIES=1 it is stored for the replay test, which has a process of its
 * own: replaying leaves hooks on every promise of a process.
 */
export async function recordHistory(product: Product, name: string, workflowId: string) {
  const handle = product.temporal.workflow.getHandle(workflowId);
  await eventually(async () => (await handle.describe()).status.name !== "RUNNING");
  const history = await handle.fetchHistory();
  if (process.env["RECORD_HISTORIES"] === "1")
    writeFileSync(
      path.join(import.meta.dirname, "../replay/histories", `${name}.pb`),
      proto.temporal.api.history.v1.History.encode(history).finish(),
    );
  return history;
}
