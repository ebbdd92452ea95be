import { completeRun } from "../db/provision-requests/run.ts";
import type { ProvisionActivities } from "../domain/provision-activities.ts";
import type { ActivityDeps } from "./deps.ts";

export function upsertConnection({ database }: ActivityDeps): ProvisionActivities["upsertConnection"] {
  return async ({ requestId, generation, ...result }) => {
    const { connectionId } = await completeRun(database, { requestId, generation }, result);
    return { connectionId };
  };
}
