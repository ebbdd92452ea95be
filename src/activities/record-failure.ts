import { failRun, recordCleanup } from "../db/provision-requests/run.ts";
import type { ProvisionActivities } from "../domain/provision-activities.ts";
import type { ActivityDeps } from "./deps.ts";

export function recordFailure({ database }: ActivityDeps): ProvisionActivities["recordFailure"] {
  return ({ code, microsoft, ...run }) => failRun(database, run, { code, microsoft });
}

export function recordCleanupNeedsOperator({
  database,
}: ActivityDeps): ProvisionActivities["recordCleanupNeedsOperator"] {
  return async (run) => {
    await recordCleanup(database, run, "needs_operator");
    return {};
  };
}
