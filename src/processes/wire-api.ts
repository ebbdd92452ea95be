import { setMaxListeners } from "node:events";
import type { Client } from "@temporalio/client";
import { createAdmission } from "../api/admission.ts";
import { createApp } from "../api/app.ts";
import { createRequestWatcher } from "../api/request-watcher.ts";
import { createSessionVerifier } from "../api/session/session.ts";
import { createStreamPlaces } from "../api/browser/stream-places.ts";
import type { ApiConfig } from "../config/config.ts";
import { type Database, openDatabase } from "../db/client.ts";
import { openCredentialBreaker } from "../db/credential-breaker.ts";
import { openRequestChanges } from "../db/request-changes.ts";
import { systemClock } from "../domain/clock.ts";
import { createDomainDirectories } from "../entra/domain-directories.ts";
import { createForgivenCounts } from "../domain/forgiven-counts.ts";
import {
  admissionLimits,
  streamsPerBrowserMax,
  streamsPerProcessMax,
  streamsPerRequestMax,
} from "../domain/limits.ts";
import type { Logger } from "../domain/logger.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { noTracing } from "../domain/tracing.ts";
import type { OperationRuns } from "../domain/operation-runs.ts";
import type { TemporalLook } from "../domain/temporal-look.ts";
import { credentialFingerprint } from "../sealing/credential-fingerprint.ts";
import { environmentKeyWrapping } from "../sealing/environment-key-wrapping.ts";
import { derivePurposeKeys } from "../sealing/purpose-keys.ts";
import { createTokenMint } from "../signin/access-token.ts";
import { createCodeStore } from "../signin/code-store.ts";
import { createSigningKeys } from "../signin/signing-keys.ts";
import { createSignIn } from "../signin/sign-in.ts";
import { loggedTelemetry } from "./logged-telemetry.ts";
import type { Ports } from "./ports.ts";
import { createResolveHost } from "./resolve-host.ts";
import { openTemporalClient } from "../temporal/client.ts";
import { createOperationRuns } from "../temporal/operation-runs.ts";
import { createTemporalLook } from "../temporal/temporal-look.ts";

export interface WiredApi {
  readonly app: ReturnType<typeof createApp>;
  readonly database: Database;
  readonly runs: OperationRuns;
  readonly temporal: TemporalLook;
  /** Ends open event streams; call it before the server stops. */
  beginStop(): void;
  close(): Promise<void>;
}

/** Builds an API process from its configuration. Opens nothing before the first request. */
export function wireApi(config: ApiConfig, log: Logger, ports: Ports = {}): WiredApi {
  const { telemetry = loggedTelemetry(log), tracing = noTracing } = ports;
  const database = openDatabase(config.database, { tracing });
  const client: Client = openTemporalClient(config, tracing);
  const runs = createOperationRuns(client, tracing);
  const changes = openRequestChanges(config.database);
  const stopping = new AbortController();
  // Each open stream listens to it.
  setMaxListeners(0, stopping.signal);
  const app = createApp({
    config,
    database,
    runs,
    clock: systemClock,
    sessions: createSessionVerifier(config.session),
    watcher: createRequestWatcher(database, runs, changes),
    directories: createDomainDirectories({ cloud: config.cloud, telemetry }),
    // So many at once, then one each three seconds.
    unknownOrganizations: createForgivenCounts({ max: 20, forgivenAfterMs: 3000 }),
    streamPlaces: createStreamPlaces({
      perRequest: streamsPerRequestMax,
      perBrowser: streamsPerBrowserMax,
      inAll: streamsPerProcessMax,
    }),
    admission: createAdmission(admissionLimits),
    ...wireKeyed(config, database, telemetry, ports),
    stopping: stopping.signal,
    telemetry,
    tracing,
    log,
  });
  return {
    app,
    database,
    runs,
    temporal: createTemporalLook(client),
    beginStop: () => stopping.abort(),
    async close() {
      await Promise.allSettled([client.connection.close(), changes.close(), database.close()]);
    },
  };
}

/** The browser's routes: those that need only the master keys, and those that need the provisioning app as well. */
function wireKeyed(
  config: ApiConfig,
  database: Database,
  telemetry: Telemetry,
  ports: Ports,
): Pick<Parameters<typeof createApp>[0], "keyed" | "consent" | "webhooks"> {
  const { cloud, ssoOrigin, keyring, provisioning, allowInsecureLoopback: allowInsecure } = config;
  if (!keyring) return {};
  const keyWrapping = ports.keyWrapping ?? environmentKeyWrapping(keyring);
  const browserKeys = derivePurposeKeys(keyring, "browser-cookie");
  const signIn = createSignIn({
    telemetry,
    cloud,
    database,
    keyWrapping,
    flowKeys: derivePurposeKeys(keyring, "sign-in"),
    allowInsecure,
  });
  const app = provisioning.kind === "configured" ? provisioning.app : undefined;
  const signingKeys = createSigningKeys({ database, keyWrapping, ...ports.signingKeyPace });
  const keyed = {
    browserKeys,
    refusalKeys: derivePurposeKeys(keyring, "refused-page"),
    signIn,
    codes: createCodeStore(database),
    signingKeys,
    tokenMint: createTokenMint(ssoOrigin, signingKeys),
  };
  const webhooks = {
    keyWrapping,
    resolveHost: ports.resolveHost ?? createResolveHost(),
    ssoOrigin,
    allowLoopback: allowInsecure,
  };
  if (!app) return { keyed, webhooks };
  const proof = {
    telemetry,
    cloud,
    ssoOrigin,
    allowInsecure,
    ...app,
    acceptedRoles: config.proofRoles,
    proofKeys: derivePurposeKeys(keyring, "consent-proof"),
  };
  const breaker = openCredentialBreaker(database, credentialFingerprint(keyring, app.clientSecret));
  return { keyed, webhooks, consent: { proof, browserKeys, breaker } };
}
