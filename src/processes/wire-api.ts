import type { Client } from "@temporalio/client";
import { createApp } from "../api/app.ts";
import { createRequestWatcher } from "../api/request-watcher.ts";
import { createSessionVerifier } from "../api/session/session.ts";
import { createStreamPlaces } from "../api/browser/stream-places.ts";
import type { ApiConfig } from "../config/config.ts";
import { type Database, openDatabase } from "../db/client.ts";
import { streamsPerProcessMax, streamsPerRequestMax } from "../domain/limits.ts";
import type { Logger } from "../domain/logger.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import type { ProvisionRuns } from "../domain/provision-runs.ts";
import { environmentKeyWrapping } from "../sealing/environment-key-wrapping.ts";
import { derivePurposeKeys } from "../sealing/purpose-keys.ts";
import { createTokenMint } from "../signin/access-token.ts";
import { createCodeStore } from "../signin/code-store.ts";
import { createSigningKeys } from "../signin/signing-keys.ts";
import { createSignIn } from "../signin/sign-in.ts";
import { loggedTelemetry } from "./logged-telemetry.ts";
import type { Ports } from "./ports.ts";
import { openTemporalClient } from "../temporal/client.ts";
import { createProvisionRuns } from "../temporal/provision-runs.ts";

export interface WiredApi {
  readonly app: ReturnType<typeof createApp>;
  readonly database: Database;
  readonly runs: ProvisionRuns;
  /** Ends open event streams; call it before the server stops. */
  beginStop(): void;
  close(): Promise<void>;
}

/** Builds an API process from its configuration. Opens nothing before the first request. */
export function wireApi(config: ApiConfig, log: Logger, ports: Ports = {}): WiredApi {
  const database = openDatabase(config.database);
  const telemetry = ports.telemetry ?? loggedTelemetry(log);
  const client: Client = openTemporalClient(config);
  const runs = createProvisionRuns(client);
  const stopping = new AbortController();
  const app = createApp({
    config,
    database,
    runs,
    sessions: createSessionVerifier(config.session),
    watcher: createRequestWatcher(database, runs),
    streamPlaces: createStreamPlaces({ perKey: streamsPerRequestMax, inAll: streamsPerProcessMax }),
    ...wireKeyed(config, database, telemetry, ports),
    stopping: stopping.signal,
    telemetry,
    log,
  });
  return {
    app,
    database,
    runs,
    beginStop: () => stopping.abort(),
    async close() {
      await Promise.allSettled([client.connection.close(), database.close()]);
    },
  };
}

/** The browser's routes: those that need only the master keys, and those that need the provisioning app as well. */
function wireKeyed(
  config: ApiConfig,
  database: Database,
  telemetry: Telemetry,
  ports: Ports,
): Pick<Parameters<typeof createApp>[0], "keyed" | "consent"> {
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
  const signingKeys = createSigningKeys({ database, keyWrapping });
  const keyed = {
    browserKeys,
    refusalKeys: derivePurposeKeys(keyring, "refused-page"),
    signIn,
    codes: createCodeStore(database),
    signingKeys,
    tokenMint: createTokenMint(ssoOrigin, signingKeys),
  };
  if (!app) return { keyed };
  const proof = {
    telemetry,
    cloud,
    ssoOrigin,
    allowInsecure,
    ...app,
    acceptedRoles: config.proofRoles,
    proofKeys: derivePurposeKeys(keyring, "consent-proof"),
  };
  return { keyed, consent: { proof, browserKeys } };
}
