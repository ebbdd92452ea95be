import { type CloudName, clouds, type EntraCloud } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import { normalUrl } from "../domain/host-name.ts";
import { type MasterKeyring, parseMasterKeyring } from "../domain/master-keyring.ts";
import { parseEntraTenantId } from "../domain/parse-ids.ts";
import { hasReturnParameter } from "../domain/return-parameters.ts";
import { readApplications } from "./applications.ts";
import type { ApiConfig, Provisioning, ProvisioningApp, WorkerConfig } from "./config.ts";
import { Environment, type Variables } from "./environment.ts";
import { readHosts, readListenHost } from "./listed-hosts.ts";
import { keepIssuersApart, readSessionRules } from "./session-rules.ts";
import { readOperatorTokens } from "./operator-tokens.ts";
import { readRetention } from "./read-retention.ts";
import { readService } from "./load-service-config.ts";
import { checkOrigin, readOrigin, readUrl } from "./read-urls.ts";
import { readTrustedProxies } from "./trusted-proxies.ts";
import { readWatchAddress } from "./watch-address.ts";

const secretHints = "see the README's operator page";

/** Role template ids: Global, Privileged Role, Application and Cloud Application Administrator. */
const defaultProofRoles = [
  "62e90394-69f5-4237-9190-012177145e10",
  "e8611ab8-c189-46e8-94e1-60213ab1f814",
  "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
  "158c047a-c907-4556-b7ef-446551a6b5f7",
];

/** @throws {ConfigError} naming every problem at once */
export function loadApiConfig(variables: Variables): ApiConfig {
  const env = new Environment(variables);
  const role = env.oneOf("AUTHIO_ROLE", ["all", "management", "sso"], "all");
  const insecure = env.optional("AUTHIO_ALLOW_INSECURE_LOOPBACK") === "1";
  const origin = (name: string): string =>
    readOrigin(env, name, insecure, "set the public origin, e.g. https://sso.example.com");
  const session = readSessionRules(env, insecure);
  const host = readListenHost(env, insecure);
  const port = env.wholeNumber("PORT", 3000, { min: 0, max: 65_535 });
  const config: ApiConfig = {
    ...readService(env),
    role,
    host,
    port,
    watch: readWatchAddress(env, () => host, port),
    ...readApiProvisioning(env, role),
    cloud: readCloud(env, insecure),
    returnHosts: {
      hosts: readHosts(env, "AUTHIO_MS_CONSENT_RETURN_HOSTS", insecure),
      allowInsecureLoopback: insecure,
    },
    confirmHosts:
      env.optional("AUTHIO_MS_CONFIRM_HOSTS") === undefined
        ? []
        : readHosts(env, "AUTHIO_MS_CONFIRM_HOSTS", insecure),
    ssoOrigin: origin("AUTHIO_SSO_ORIGIN"),
    managementOrigin: origin("AUTHIO_MANAGEMENT_ORIGIN"),
    dashboardUrl: readDashboardUrl(env, insecure),
    dashboardOrigins: env
      .list("AUTHIO_DASHBOARD_ORIGINS")
      .map((entry) => checkOrigin(env, "AUTHIO_DASHBOARD_ORIGINS", entry, insecure)),
    session,
    applications: readApplications(env, { insecure, sessionAudience: session.audience }),
    proofRoles: readProofRoles(env),
    operatorTokens: readOperatorTokens(env),
    setupLinks: env.oneOf("AUTHIO_MS_SETUP_LINKS", ["0", "1"], "0") === "1",
    callbackWaitMs: env.wholeNumber("AUTHIO_CALLBACK_WAIT_MS", 8000, { min: 0, max: 60_000 }),
    trustedProxies: readTrustedProxies(env),
    allowInsecureLoopback: insecure,
  };
  keepIssuersApart(env, config);
  env.finish();
  return config;
}

/** @throws {ConfigError} naming every problem at once */
export function loadWorkerConfig(variables: Variables): WorkerConfig {
  const env = new Environment(variables);
  const insecure = env.optional("AUTHIO_ALLOW_INSECURE_LOOPBACK") === "1";
  const { app, keyring } = readSecrets(env);
  const ssoOrigin =
    app && readOrigin(env, "AUTHIO_SSO_ORIGIN", insecure, "set the public origin of the sso service");
  const config: WorkerConfig = {
    ...readService(env),
    provisioning:
      app && keyring && ssoOrigin !== undefined
        ? { kind: "configured", app, keyring, ssoOrigin }
        : { kind: "not_configured" },
    watch: readWatchAddress(env, () => readListenHost(env, insecure)),
    cloud: readCloud(env, insecure),
    allowInsecureLoopback: insecure,
    adoptWindowMs: env.wholeNumber("AUTHIO_MS_ADOPT_WINDOW_MS", 30_000, { min: 0, max: 3_600_000 }),
    retention: readRetention(env),
    homeTenantId: readHomeTenant(env),
    ...readDeployment(env),
  };
  env.finish();
  return config;
}

function readHomeTenant(env: Environment): EntraTenantId | undefined {
  const name = "AUTHIO_MS_HOME_TENANT_ID";
  const text = env.optional(name);
  if (text === undefined) return undefined;
  const id = parseEntraTenantId(text);
  if (id === undefined) env.problem(name, "must be your directory's id, a GUID");
  return id;
}

function readDeployment(env: Environment): Pick<WorkerConfig, "deployment"> {
  const deploymentName = env.optional("AUTHIO_WORKER_DEPLOYMENT");
  const buildId = env.optional("AUTHIO_WORKER_BUILD_ID");
  if (deploymentName === undefined && buildId === undefined) return {};
  if (deploymentName === undefined || buildId === undefined) {
    const missing = deploymentName === undefined ? "AUTHIO_WORKER_DEPLOYMENT" : "AUTHIO_WORKER_BUILD_ID";
    env.problem(missing, "is not set but its other half is; worker versioning needs both");
    return {};
  }
  return { deployment: { deploymentName, buildId } };
}

function readApiProvisioning(
  env: Environment,
  role: ApiConfig["role"],
): Pick<ApiConfig, "provisioning" | "keyring"> {
  if (role === "management") {
    const clientId = readClientId(env);
    return { provisioning: clientId === undefined ? notConfigured : { kind: "configured", clientId } };
  }
  const { app, keyring } = readSecrets(env);
  return {
    provisioning: app ? { kind: "configured", clientId: app.clientId, app } : notConfigured,
    ...(keyring ? { keyring } : {}),
  };
}

const notConfigured: Provisioning = { kind: "not_configured" };

function readClientId(env: Environment): string | undefined {
  const clientId = env.optional("AUTHIO_MS_PROVISION_CLIENT_ID")?.toLowerCase();
  if (clientId !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(clientId))
    env.problem("AUTHIO_MS_PROVISION_CLIENT_ID", `must be the app's client id, a GUID; ${secretHints}`);
  return clientId;
}

/** No app when neither half of the pair is set; half a pair is a problem. */
function readSecrets(env: Environment): {
  app: ProvisioningApp | undefined;
  keyring: MasterKeyring | undefined;
} {
  const clientId = readClientId(env);
  const clientSecret = env.secret("AUTHIO_MS_PROVISION_CLIENT_SECRET");
  if (clientId === undefined && clientSecret !== undefined)
    env.problem("AUTHIO_MS_PROVISION_CLIENT_ID", `is not set but its secret is; ${secretHints}`);
  if (clientId !== undefined && clientSecret === undefined)
    env.problem("AUTHIO_MS_PROVISION_CLIENT_SECRET", `is not set but its client id is; ${secretHints}`);
  return {
    app: clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret },
    // Live connections sign in with the key alone, so it is read without the app too.
    keyring: readKeyring(env, clientId !== undefined || clientSecret !== undefined),
  };
}

/** Undefined when it is not set, which is a problem where it `isNeeded`; a malformed one is a problem anywhere. */
function readKeyring(env: Environment, isNeeded: boolean): MasterKeyring | undefined {
  const name = "AUTHIO_IMPORT_CREDS_KEY";
  const text = isNeeded ? env.required(name, "make one with: openssl rand -base64 32") : env.optional(name);
  if (text === undefined || text === "") return undefined;
  try {
    return parseMasterKeyring(text);
  } catch (error) {
    env.problem(name, `is malformed: ${(error as RangeError).message}`);
    return undefined;
  }
}

function readCloud(env: Environment, insecure: boolean): EntraCloud {
  const cloud = clouds[env.oneOf("AUTHIO_MS_CLOUD", Object.keys(clouds) as CloudName[], "global")];
  const override = (name: string, fallback: string): string => {
    const value = env.optional(name);
    return value === undefined ? fallback : checkOrigin(env, name, value, insecure);
  };
  return {
    ...cloud,
    loginOrigin: override("AUTHIO_MS_LOGIN_ORIGIN", cloud.loginOrigin),
    graphOrigin: override("AUTHIO_MS_GRAPH_ORIGIN", cloud.graphOrigin),
  };
}

/** The dashboard's address as the browser is sent there: host in its one spelling, the rest as it was written. */
function readDashboardUrl(env: Environment, insecure: boolean): string {
  const name = "AUTHIO_DASHBOARD_URL";
  const value = readUrl(env, name, insecure, "set the dashboard's address");
  if (!URL.canParse(value)) return value;
  const url = normalUrl(new URL(value));
  if (value.includes("#")) env.problem(name, "must have no fragment; the outcome is told in the query");
  if (hasReturnParameter(url))
    env.problem(name, "must not name ok, connection, error, request or ms_confirm; they tell the outcome");
  const rest = /^https?:\/\/[^/?#\\]+((?:[/?][\x21-\x7e]*)?)$/i.exec(value)?.[1];
  return rest === undefined ? url.href : `${url.origin}${rest}`;
}

function readProofRoles(env: Environment): readonly string[] {
  const roles = env.list("AUTHIO_MS_PROOF_ROLES").map((role) => role.toLowerCase());
  if (roles.some((role) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(role)))
    env.problem("AUTHIO_MS_PROOF_ROLES", "must hold directory-role template ids (GUIDs), comma-separated");
  return roles.length === 0 ? defaultProofRoles : roles;
}
