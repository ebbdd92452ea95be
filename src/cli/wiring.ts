import type { Client } from "@temporalio/client";
import { createApp } from "../api/app.ts";
import { createSessionVerifier } from "../api/session.ts";
import type { ApiConfig } from "../config/config.ts";
import { type Database, openDatabase } from "../db/client.ts";
import type { Logger } from "../domain/logger.ts";
import type { ProvisionRuns } from "../domain/provision-runs.ts";
import { deriveActiveKey } from "../sealing/purpose-keys.ts";
import { createSignIn } from "../signin/sign-in.ts";
import { openTemporalClient } from "./temporal-client.ts";
import { createProvisionRuns } from "./temporal-runs.ts";

export interface WiredApi {
  readonly app: ReturnType<typeof createApp>;
  readonly database: Database;
  readonly runs: ProvisionRuns;
  /** Ends open event streams; call it before the server stops. */
  beginStop(): void;
  close(): Promise<void>;
}

/** Builds an API process from its configuration. Opens nothing before the first request. */
export function wireApi(config: ApiConfig, log: Logger): WiredApi {
  const database = openDatabase(config.databaseUrl);
  const client: Client = openTemporalClient(config);
  const runs = createProvisionRuns(client);
  const stopping = new AbortController();
  const app = createApp({
    config,
    database,
    runs,
    sessions: createSessionVerifier(config.session),
    consent: wireConsent(config, database),
    stopping: stopping.signal,
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

function wireConsent(config: ApiConfig, database: Database): Parameters<typeof createApp>[0]["consent"] {
  const app = config.provisioning.kind === "configured" ? config.provisioning.app : undefined;
  if (!app) return undefined;
  const { cloud, ssoOrigin, allowInsecureLoopback: allowInsecure } = config;
  return {
    proof: {
      cloud,
      ssoOrigin,
      allowInsecure,
      clientId: app.clientId,
      clientSecret: app.clientSecret,
      acceptedRoles: config.proofRoles,
      proofKey: deriveActiveKey(app.keyring, "consent-proof"),
    },
    browserKey: deriveActiveKey(app.keyring, "browser-cookie"),
    signIn: createSignIn({
      cloud,
      database,
      keyring: app.keyring,
      flowKey: deriveActiveKey(app.keyring, "sign-in"),
      allowInsecure,
    }),
  };
}
