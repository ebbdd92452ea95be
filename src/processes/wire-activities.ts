import type { ActivityDeps } from "../activities/deps.ts";
import type { WorkerConfig } from "../config/config.ts";
import type { Database } from "../db/client.ts";
import { noTelemetry } from "../domain/telemetry.ts";
import { createAppTokens } from "../entra/app-token.ts";
import { graphApplications } from "../entra/graph-applications.ts";
import { createTenantGates } from "../entra/tenant-gates.ts";
import { environmentKeyWrapping } from "../sealing/environment-key-wrapping.ts";
import type { Ports } from "./ports.ts";

/** Shorter patience than production's, for tests. */
export interface Patience {
  /** Of one call to Microsoft. */
  readonly timeoutMs?: number;
  readonly pace?: ActivityDeps["pace"];
}

export type ConfiguredWorker = WorkerConfig & { provisioning: { kind: "configured" } };

/** Builds what the activities work with. */
export function wireActivities(
  config: ConfiguredWorker,
  database: Database,
  { pace, ...timeouts }: Patience = {},
  ports: Ports = {},
): ActivityDeps {
  const { app, keyring, ssoOrigin } = config.provisioning;
  const { cloud } = config;
  const { telemetry = noTelemetry } = ports;
  const tokens = createAppTokens({
    telemetry,
    cloud,
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    ...timeouts,
  });
  const gates = createTenantGates();
  return {
    database,
    keyring,
    keyWrapping: ports.keyWrapping ?? environmentKeyWrapping(keyring),
    telemetry,
    cloud,
    ssoOrigin,
    provisioningClientId: app.clientId,
    adoptWindowMs: config.adoptWindowMs,
    applicationsOf: (tenantId, signal) =>
      graphApplications({ telemetry, cloud, tokens, gates, tenantId, signal, ...timeouts }),
    ...timeouts,
    ...(pace ? { pace } : {}),
  };
}
