import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/provision-requests/run.ts";
import { discoverTenant } from "../entra/oidc-discovery.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";

export function discoverIssuer({ database, cloud, timeoutMs }: ActivityDeps): Step<"discoverIssuer"> {
  return async (_input, run) => {
    const request = await requireCurrentRun(database, run);
    const { issuer } = await discoverTenant(cloud, request.entraTenantId, {
      signal: Context.current().cancellationSignal,
      timeoutMs,
    });
    return { issuer };
  };
}
