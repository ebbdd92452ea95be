import type { ApiConfig, WorkerConfig } from "../config/config.ts";
import type { Database } from "../db/client.ts";
import type { Clock } from "../domain/clock.ts";
import type { OperationRuns } from "../domain/operation-runs.ts";
import type { TemporalLook } from "../domain/temporal-look.ts";
import type { OwnApplication } from "../entra/own-application.ts";
import { checkAudit } from "../operations/checks/audit.ts";
import { type Check, fail, type Finding, skip } from "../operations/checks/check.ts";
import { checkClock } from "../operations/checks/clock.ts";
import { checkApplications, checkConfiguration } from "../operations/checks/configuration.ts";
import { checkCredential } from "../operations/checks/credential.ts";
import { checkDatabase } from "../operations/checks/database.ts";
import { checkGraph, checkLogin, microsoftTime } from "../operations/checks/egress.ts";
import { checkGrants } from "../operations/checks/grants.ts";
import { checkMigrations } from "../operations/checks/migrations.ts";
import { checkPause } from "../operations/checks/pause.ts";
import { checkRedirectUri } from "../operations/checks/redirect-uri.ts";
import { checkSecrets } from "../operations/checks/secrets.ts";
import { checkSessionKeys } from "../operations/checks/session-keys.ts";
import {
  checkNamespace,
  checkSearchAttributes,
  checkTemporal,
  checkWorkers,
} from "../operations/checks/temporal.ts";
import { environmentKeyWrapping } from "../sealing/environment-key-wrapping.ts";

/** What `doctor` works with. */
export interface Patient {
  readonly worker: WorkerConfig;
  /** The API's configuration, or what is wrong with it; undefined where its variables are not set. */
  readonly api: { readonly config: ApiConfig } | { readonly problems: readonly string[] } | undefined;
  readonly database: Database;
  readonly runs: OperationRuns;
  readonly temporal: TemporalLook;
  readonly clock: Clock;
}

/** A walk over a hundred thousand secrets. */
const secretsTimeoutMs = 120_000;

/** What `doctor` looks at, in the order in which it must be set right. */
export function checksOf({ worker, api, database, runs, temporal, clock }: Patient): readonly Check[] {
  const { cloud } = worker;
  const namespace = runs.namespace();
  const config = api && "config" in api ? api.config : undefined;
  const problems = api && ("problems" in api ? api.problems : []);
  const later = (check: () => Finding | Promise<Finding>) => async (): Promise<Finding> => check();
  return [
    { name: "configuration", run: later(() => checkConfiguration(problems)) },
    { name: "database", run: () => checkDatabase(database) },
    { name: "migrations", run: () => checkMigrations(database) },
    { name: "grants", run: () => checkGrants(database) },
    { name: "audit", run: () => checkAudit(database) },
    { name: "clock", run: () => checkClock(database, () => microsoftTime(cloud.loginOrigin), clock) },
    { name: "temporal", run: async () => checkTemporal(await namespace) },
    { name: "namespace", run: async () => checkNamespace(await namespace) },
    { name: "search_attributes", run: async () => checkSearchAttributes(temporal, await namespace) },
    { name: "workers", run: async () => checkWorkers(temporal, await namespace, clock) },
    { name: "pause", run: () => checkPause(database) },
    {
      name: "session_keys",
      run: later(() =>
        config
          ? checkSessionKeys(config.session.jwksUrl, config.session.algorithms)
          : skip("needs the API's variables"),
      ),
    },
    ...microsoftChecks(worker, clock),
    {
      name: "secrets",
      timeoutMs: secretsTimeoutMs,
      run: later(() => {
        const keyring =
          config?.keyring ??
          (worker.provisioning.kind === "configured" ? worker.provisioning.keyring : undefined);
        return keyring
          ? checkSecrets(database, keyring, environmentKeyWrapping(keyring))
          : fail("AUTHIO_IMPORT_CREDS_KEY is not set: nobody signs in", "set it to the key of this database");
      }),
    },
    {
      name: "applications",
      run: later(() =>
        config ? checkApplications(config.applications.length) : skip("needs the API's variables"),
      ),
    },
    { name: "login", run: () => checkLogin(cloud.loginOrigin) },
    { name: "graph", run: () => checkGraph(cloud.graphOrigin) },
  ];
}

/** Checks of the provisioning app itself, which share one look at it. */
function microsoftChecks(
  { provisioning, cloud, homeTenantId: tenantId }: WorkerConfig,
  clock: Clock,
): readonly Check[] {
  if (provisioning.kind !== "configured") {
    const missing = fail(
      "the provisioning app is not configured: nobody can connect",
      "set AUTHIO_MS_PROVISION_CLIENT_ID and AUTHIO_MS_PROVISION_CLIENT_SECRET",
    );
    return [{ name: "credential", run: async () => missing }];
  }
  if (tenantId === undefined) {
    const untried = skip(
      "not tried: AUTHIO_MS_HOME_TENANT_ID is not set",
      "set it to your own directory's id, where the app is registered",
    );
    return ["credential", "redirect_uri"].map((name) => ({ name, run: async () => untried }));
  }
  let looking: Promise<OwnApplication> | undefined;
  // Loaded only where it is tried.
  const tried = async (): Promise<OwnApplication> => {
    const { lookAtOwnApplication } = await import("../entra/own-application.ts");
    return lookAtOwnApplication({ ...provisioning.app, cloud, tenantId });
  };
  const look = (): Promise<OwnApplication> => (looking ??= tried());
  return [
    { name: "credential", run: () => checkCredential(look, clock) },
    { name: "redirect_uri", run: () => checkRedirectUri(provisioning.ssoOrigin, look) },
  ];
}
