import { createHash, randomBytes, randomUUID } from "node:crypto";
import { Hono } from "hono";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import postgres from "postgres";
import { inject } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { startFront } from "../../src/embedded/front.ts";
import { migrate } from "../../src/processes/migrate.ts";
import type { Ports } from "../../src/processes/ports.ts";
import { type RunningWorker, startWorker } from "../../src/processes/start-worker.ts";
import { type WiredApi, wireApi } from "../../src/processes/wire-api.ts";
import { loadApiConfig, loadWorkerConfig } from "../../src/config/load-config.ts";
import { loadServiceConfig } from "../../src/config/load-service-config.ts";
import { openTemporalClient } from "../../src/temporal/client.ts";
import type { Patience } from "../../src/processes/wire-activities.ts";
import type { Logger } from "../../src/domain/logger.ts";
import { newTenant, type SimulatedTenant } from "../../src/simulator/directory.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { newSigningKey, type SigningKey } from "../../src/simulator/signing.ts";
import { sharedContractCheck } from "./api-contract.ts";
import { listenToRuntime } from "./runtime-lines.ts";

export type Product = Awaited<ReturnType<typeof startProduct>>;
type Role = "owner" | "admin" | "member";

export const operatorToken = "test-operator-token-0123456789abcdef";
export const testProject = "proj_test";
const testIssuer = "https://identity.example.com";
/** Of all simulators of this process: making an RSA key takes as long as half a product. */
let firstKey: SigningKey | undefined;
const returnTo = "http://localhost/settings?tab=sso";

interface Servers {
  /** URL of the `authio` database of a PostgreSQL server. */
  readonly postgresUrl: string;
  readonly temporalAddress: string;
  readonly namespace: string;
}

/**
 * The product with its own database, Temporal namespace, simulator and session issuer: real servers on loopback, one
 * set per test file. The tables' owner migrates (`sql` is theirs), everything else runs with the rights that grants.sql
 * gives, so each test shows that these are enough. `log` keeps every line, so that tests can search it. `servers` are the run's own by default.
 */
export async function startProduct(overrides: Record<string, string> = {}, servers?: Servers) {
  const begunMs = Date.now();
  const lines: string[] = [];
  const write = (message: string, fields?: object) => void lines.push(JSON.stringify({ message, ...fields }));
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const { postgresUrl, temporalAddress, namespace } = servers ?? {
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    namespace: `test-${randomUUID()}`,
  };
  // The product's own: a plain one that is closed while a retry is due throws outside of everything.
  const temporal = openTemporalClient(
    loadServiceConfig({
      DATABASE_URL: postgresUrl,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: namespace,
    }),
  );
  if (!servers)
    await temporal.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
  const admin = postgres(postgresUrl, { max: 1 });
  const database = `test_${randomBytes(6).toString("hex")}`;
  await admin.unsafe(`create database ${database}`);
  const databaseUrl = postgresUrl.replace(/\/authio$/, `/${database}`);
  const runtimeUrl = new URL(databaseUrl);
  Object.assign(runtimeUrl, await newRuntimeRole(admin, `${database}_app`));
  await admin.end();

  const app = { clientId: randomUUID(), clientSecret: `canary-${randomBytes(18).toString("base64url")}` };
  firstKey ??= await newSigningKey();
  const simulator = await startSimulator({ provisioningApp: app, firstKey });
  const { publicKey, privateKey } = await generateKeyPair("EdDSA");
  const jwk = { ...(await exportJWK(publicKey)), kid: "test", alg: "EdDSA", use: "sig" };
  const server = await startFront(0);
  const origin = `http://localhost:${server.port}`;
  const environment: Record<string, string> = {
    DATABASE_URL: runtimeUrl.href,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    AUTHIO_MS_PROVISION_CLIENT_ID: app.clientId,
    AUTHIO_MS_PROVISION_CLIENT_SECRET: app.clientSecret,
    AUTHIO_IMPORT_CREDS_KEY: randomBytes(32).toString("base64"),
    AUTHIO_MS_CONSENT_RETURN_HOSTS: "localhost,app.example.com",
    AUTHIO_SSO_ORIGIN: origin,
    AUTHIO_MANAGEMENT_ORIGIN: origin,
    AUTHIO_DASHBOARD_URL: `${origin}/`,
    AUTHIO_PROJECT_ID: testProject,
    AUTHIO_SESSION_ISSUER: testIssuer,
    AUTHIO_SESSION_AUDIENCE: "test",
    // Another origin than the service's own, on the same server.
    AUTHIO_SESSION_JWKS_URL: `http://127.0.0.1:${server.port}/test-jwks`,
    AUTHIO_MS_LOGIN_ORIGIN: simulator.origin,
    AUTHIO_MS_GRAPH_ORIGIN: simulator.origin,
    AUTHIO_ALLOW_INSECURE_LOOPBACK: "1",
    AUTHIO_CALLBACK_WAIT_MS: "20000",
    AUTHIO_MS_ADOPT_WINDOW_MS: "3000",
    AUTHIO_OPERATOR_TOKENS: `tess:${createHash("sha256").update(operatorToken).digest("hex")}`,
    ...overrides,
  };
  await migrate(loadServiceConfig({ ...environment, DATABASE_URL: databaseUrl }), log);
  const api = wireApi(loadApiConfig(environment), log);
  const front = new Hono();
  front.get("/test-jwks", (c) => c.json({ keys: [jwk] }));
  const replicas = [api];
  let answering = api;
  const { held, requireContract } = await holdToContract(api);
  front.all("*", (c) => held(answering)(c.req.raw, c.env));
  server.open(front.fetch);
  const stopListening = listenToRuntime(log);

  const workers: RunningWorker[] = [];
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => {} });
  return {
    begunMs,
    environment,
    origin,
    simulator,
    lines,
    log,
    sql,
    temporal,
    api,
    held,
    async startWorker(patience: Patience = {}, overrides: Record<string, string> = {}, ports: Ports = {}) {
      const config = loadWorkerConfig({ ...environment, ...overrides });
      if (config.provisioning.kind !== "configured") throw new Error("the test product must be configured");
      const worker = await startWorker({ ...config, provisioning: config.provisioning }, log, {
        workflowBundle: { code: inject("workflowBundle") },
        patience,
        ports,
      });
      workers.push(worker);
    },
    /** Another API process of the same database behind the same origin; from now on it is the one that answers. */
    addReplica(overrides: Record<string, string | undefined>, ports: Ports = {}) {
      const settings = Object.entries({ ...environment, ...overrides });
      const replica = wireApi(
        loadApiConfig(Object.fromEntries(settings.filter(([, value]) => value !== undefined))),
        log,
        ports,
      );
      replicas.push(replica);
      answering = replica;
      return replica;
    },
    /** Which of the API processes answers. */
    answerWith(replica: WiredApi) {
      answering = replica;
    },
    async stopWorkers() {
      await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    },
    /** A tenant of its own for one test. */
    addTenant(): SimulatedTenant {
      const tenant = newTenant(`Tenant ${randomBytes(3).toString("hex")}`);
      simulator.world.tenants.push(tenant);
      return tenant;
    },
    session: (org: string, role: Role = "owner", claims: Record<string, unknown> = {}) =>
      new SignJWT({
        sid: `sess_${randomUUID()}`,
        act_org: org,
        act_role: role,
        project_id: testProject,
        kind: "customer",
        sub: "usr_1",
        org_name: "Test & Söhne",
        ...claims,
      })
        .setProtectedHeader({ alg: "EdDSA", kid: "test" })
        .setIssuer(testIssuer)
        .setAudience("test")
        .setIssuedAt()
        .setExpirationTime("1h")
        .sign(privateKey),
    async stop() {
      await Promise.all(workers.splice(0).map((worker) => worker.stop()));
      await server.stop();
      await Promise.all(replicas.map((replica) => replica.close()));
      await simulator.close();
      await sql.end();
      await temporal.connection.close();
      stopListening();
      requireContract();
    },
  };
}

/** Serves API processes so that each answer is held against the document that the first one gives. */
async function holdToContract(api: WiredApi) {
  const document = await api.app.request("/openapi.json");
  const check = sharedContractCheck(await document.text());
  const faults = new Set<string>();
  return {
    held:
      ({ app }: WiredApi): WiredApi["app"]["fetch"] =>
      async (request, env) => {
        const answer = await app.fetch(request, env);
        const url = new URL(request.url);
        const fault = await check(request.method, url, answer);
        if (fault !== undefined) faults.add(`${request.method} ${url.pathname}: ${fault}`);
        return answer;
      },
    /** @throws where an answer was not as the document says */
    requireContract: (): void => {
      if (faults.size > 0)
        throw new Error(`answers that the API reference does not have:\n${[...faults].join("\n")}`);
    },
  };
}

/** A login that may do what grants.sql says, and nothing else. */
async function newRuntimeRole(
  admin: postgres.Sql,
  username: string,
): Promise<{ username: string; password: string }> {
  const password = randomBytes(9).toString("hex");
  await admin.unsafe(`do $$ begin create role authio_runtime nologin;
    exception when duplicate_object or unique_violation then null; end $$`);
  await admin.unsafe(`do $$ begin create role authio_worker nologin;
    exception when duplicate_object or unique_violation then null; end $$`);
  await admin.unsafe(`create role ${username} login password '${password}' in role authio_runtime`);
  return { username, password };
}

export const newOrg = (): string => `org_${randomBytes(6).toString("hex")}`;

/** The start call, as a page of the sso origin makes it. */
export async function start(
  product: Product,
  browser: Browser,
  org: string,
  body: Record<string, unknown> = { return_to: returnTo },
): Promise<{ id: string; consent_url: string; expires_at: string }> {
  const answer = await browser.request(
    `${product.origin}/v1/session/orgs/${encodeURIComponent(org)}/ms-provision/start`,
    {
      method: "POST",
      headers: {
        authorization: `Bearer ${await product.session(org)}`,
        "content-type": "application/json",
        origin: product.origin,
      },
      body: JSON.stringify(body),
    },
  );
  if (answer.status !== 201) throw new Error(`start answered ${answer.status}`);
  return (await answer.json()) as { id: string; consent_url: string; expires_at: string };
}

/** Approves at the simulator as one of the tenant's users (0 administrator, 1 member, 2 guest); gives the callback. */
export async function consent(
  browser: Browser,
  consentUrl: string,
  tenant: SimulatedTenant,
  user = 0,
): Promise<string> {
  const answer = await browser.request(consentUrl, {
    method: "POST",
    body: new URLSearchParams({ user: tenant.users[user]?.id ?? "", decision: "accept" }),
  });
  return answer.headers.get("location") ?? "";
}

/** From the consent's callback to where the browser ends; progress pages are waited out. */
export async function finish(browser: Browser, callback: string): Promise<URL> {
  return browser.follow(await browser.request(callback), (url) => url.pathname === "/settings");
}

/** The whole click. */
export async function connect(
  product: Product,
  tenant: SimulatedTenant,
  options: { org?: string; browser?: Browser; body?: Record<string, unknown> } = {},
): Promise<{ end: URL; id: string; org: string; browser: Browser }> {
  const { org = newOrg(), browser = new Browser() } = options;
  const started = await start(product, browser, org, { return_to: returnTo, ...options.body });
  const end = await finish(browser, await consent(browser, started.consent_url, tenant));
  return { end, id: started.id, org, browser };
}

export const liveApplications = (tenant: SimulatedTenant) =>
  tenant.applications.filter(({ deletedMs }) => deletedMs === null);

/** Looks until `check` is true. */
export async function eventually(check: () => Promise<boolean> | boolean, withinMs = 60_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await check())) {
    if (Date.now() > endMs) throw new Error("it did not become true in time");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
