import { type EntraCloud, issuerOf } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { createFetchCache } from "./fetch-cache.ts";
import { discoverTenant, type TenantMetadata } from "./oidc-discovery.ts";

const lifetimeMs = 5 * 60_000;
const tenantsMax = 1000;
/** By issuer. Only what passed the checks is kept. */
const cache = createFetchCache<TenantMetadata>(tenantsMax);

/** A tenant's checked discovery document, at most five minutes old. @throws what `discoverTenant` throws */
export function tenantMetadata(
  { cloud, telemetry }: { cloud: EntraCloud; telemetry: Telemetry },
  tenantId: EntraTenantId,
): Promise<TenantMetadata> {
  return cache.get(issuerOf(cloud, tenantId), async () => ({
    value: await discoverTenant(cloud, tenantId, { telemetry }),
    goodForMs: lifetimeMs,
  }));
}
