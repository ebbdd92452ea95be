import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/provision-requests/run.ts";
import type { ProvisionActivities } from "../domain/provision-activities.ts";
import { discoverTenant } from "../entra/oidc-discovery.ts";
import type { ActivityDeps } from "./deps.ts";

export function discoverIssuer({
  database,
  cloud,
  timeoutMs,
}: ActivityDeps): ProvisionActivities["discoverIssuer"] {
  return async (run) => {
    const request = await requireCurrentRun(database, run);
    const { issuer } = await discoverTenant(cloud, request.entraTenantId, {
      signal: Context.current().cancellationSignal,
      timeoutMs,
    });
    return { issuer };
  };
}
