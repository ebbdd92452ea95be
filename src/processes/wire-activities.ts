import type { ActivityDeps } from "../activities/deps.ts";
import type { WorkerConfig } from "../config/config.ts";
import type { Database } from "../db/client.ts";
import { openCredentialBreaker } from "../db/credential-breaker.ts";
import { openTenantPauses } from "../db/tenant-pauses.ts";
import { noTelemetry } from "../domain/telemetry.ts";
import { createAppTokens, requestAppToken } from "../entra/app-token.ts";
import { graphApplications } from "../entra/graph-applications.ts";
import { createInstallationGates } from "../entra/installation-gates.ts";
import { credentialFingerprint } from "../sealing/credential-fingerprint.ts";
import { environmentKeyWrapping } from "../sealing/environment-key-wrapping.ts";
import type { WebhookDeps } from "../activities/webhooks/deps.ts";
import type { tryCredential } from "../operations/try-credential.ts";
import type { Ports } from "./ports.ts";
import { createResolveHost } from "./resolve-host.ts";

/** Shorter patience than production's, for tests. */
export interface Patience {
  /** Of one call to Microsoft. */
  readonly timeoutMs?: number;
  readonly pace?: ActivityDeps["pace"];
  /** Between two tries of our own credential while it is refused. */
  readonly credentialWindowMs?: number;
}

export type ConfiguredWorker = WorkerConfig & { provisioning: { kind: "configured" } };

/** What the activities work with, and what tries our own credential while it is refused. */
export type WiredWork = ActivityDeps &
  WebhookDeps & { readonly credential: Omit<Parameters<typeof tryCredential>[0]["ctx"], "log"> };

/** Builds what the activities work with. */
export function wireActivities(
  config: ConfiguredWorker,
  database: Database,
  { pace, credentialWindowMs, ...timeouts }: Patience = {},
  ports: Ports = {},
): WiredWork {
  const { app, keyring, ssoOrigin } = config.provisioning;
  const { cloud } = config;
  const { telemetry = noTelemetry } = ports;
  const fingerprint = credentialFingerprint(keyring, app.clientSecret);
  const breaker = openCredentialBreaker(database, fingerprint, credentialWindowMs);
  const tokens = createAppTokens({ telemetry, breaker, cloud, ...app, ...timeouts });
  const gates = createInstallationGates(openTenantPauses(database));
  return {
    database,
    keyring,
    keyWrapping: ports.keyWrapping ?? environmentKeyWrapping(keyring),
    telemetry,
    resolveHost: ports.resolveHost ?? createResolveHost(),
    allowLoopback: config.allowInsecureLoopback,
    cloud,
    ssoOrigin,
    provisioningClientId: app.clientId,
    adoptWindowMs: config.adoptWindowMs,
    retention: config.retention,
    applicationsOf: (tenantId, signal) =>
      graphApplications({ telemetry, cloud, tokens, gates, tenantId, signal, ...timeouts }),
    credential: {
      breaker,
      homeTenantId: config.homeTenantId,
      requestToken: (tenantId) => requestAppToken({ telemetry, cloud, tenantId, ...app, ...timeouts }),
    },
    ...timeouts,
    ...(pace ? { pace } : {}),
  };
}
