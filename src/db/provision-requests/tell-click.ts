import { eq } from "drizzle-orm";
import type { ConnectionOperation, OperationStatus } from "../../domain/connection-operation.ts";
import type { RequestStatus } from "../../domain/provision-request.ts";
import type { Queries } from "../queries.ts";
import { provisionRequests } from "../schema.ts";

/** What a click's status says of its operation. Nothing supersedes what a click led to. */
const clickStatusOf: Readonly<Record<Exclude<OperationStatus, "superseded">, RequestStatus>> = {
  waiting: "proved",
  running: "provisioning",
  succeeded: "succeeded",
  failed: "failed",
};

/** Has a click follow its operation, in the transaction that moved it. Without a click nothing happens. */
export async function tellClick(q: Queries, operation: ConnectionOperation): Promise<void> {
  const { requestId, status, errorCode, errorMicrosoft, cleanup, completedAt } = operation;
  if (requestId === null || status === "superseded") return;
  await q
    .update(provisionRequests)
    .set({ status: clickStatusOf[status], errorCode, errorMicrosoft, cleanup, completedAt })
    .where(eq(provisionRequests.id, requestId));
}
