import { claimDueDomains, recordDomain } from "../../db/connection-domains.ts";
import { tenantOfDomain } from "../../entra/tenant-of-domain.ts";
import { MicrosoftError } from "../../entra/microsoft-error.ts";
import type { ActivityDeps } from "../deps.ts";

/** Of one pass; the rest follows in the next. */
const batchMax = 20;

/**
 * Asks Microsoft whose the domains are that administrators' user names named, soon after the proof and daily: people are
 * routed by a domain only while its own discovery names the connection's directory. Where Microsoft does not say, what
 * was known stays, and the question is repeated an hour later.
 */
export async function lookAtDomains(
  {
    database,
    cloud,
    telemetry,
    timeoutMs,
  }: Pick<ActivityDeps, "database" | "cloud" | "telemetry" | "timeoutMs">,
  signal: AbortSignal,
): Promise<{ readonly looked: number }> {
  let looked = 0;
  for (const due of await claimDueDomains(database, batchMax)) {
    try {
      const tenantId = await tenantOfDomain(cloud, due.domain, { telemetry, signal, timeoutMs });
      await recordDomain(database, due, tenantId === due.entraTenantId);
      looked += 1;
    } catch (error) {
      // Due again in an hour.
      if (!(error instanceof MicrosoftError)) throw error;
    }
  }
  return { looked };
}
