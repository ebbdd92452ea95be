import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import { discoverTenant } from "../entra/oidc-discovery.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";

export function discoverIssuer({
  database,
  telemetry,
  cloud,
  timeoutMs,
}: ActivityDeps): Step<"discoverIssuer"> {
  return async (_input, run) => {
    const operation = await requireCurrentRun(database, run);
    const { issuer } = await discoverTenant(cloud, operation.entraTenantId, {
      telemetry,
      signal: Context.current().cancellationSignal,
      timeoutMs,
    });
    return { issuer };
  };
}
