import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { newApplication, newCredential } from "../../src/simulator/directory.ts";
import { noRealism } from "../../src/simulator/options.ts";
import { connect, type Product, startProduct } from "../support/product.ts";

let product: Product;
let home: ReturnType<Product["addTenant"]>;

beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  home = product.addTenant();
  await connect(product, home);
});
afterEach(() => {
  product.simulator.world.realism = noRealism;
});
afterAll(() => product.stop());

type Checks = Record<string, { status: string; detail: string; fix?: string }>;

async function doctor(
  overrides: Record<string, string> = {},
): Promise<{ code: number; ok: boolean; checks: Checks }> {
  const lines: string[] = [];
  const code = await msProvision(["doctor", "--json"], {
    environment: { ...product.environment, AUTHIO_MS_HOME_TENANT_ID: home.id, ...overrides },
    print: (line) => void lines.push(line),
  });
  const { ok, checks } = JSON.parse(lines.join("\n")) as {
    ok: boolean;
    checks: ({ name: string } & Checks[string])[];
  };
  return { code, ok, checks: Object.fromEntries(checks.map(({ name, ...rest }) => [name, rest])) };
}

/** The provisioning app's own registration in the home tenant, as Graph shows it. */
function register(secretDays: number, redirectUris: string[]): void {
  const { clientId, clientSecret } = product.simulator.world.provisioningApp;
  const own = { ...newApplication("Provisioning", clientId), appId: clientId };
  own.properties = { ...own.properties, web: { redirectUris } };
  own.credentials.push({
    ...newCredential(null, new Date(Date.now() + secretDays * 86_400_000).toISOString()),
    hint: clientSecret.slice(0, 3),
  });
  home.applications.push(own);
}

it("answers in the platform's shape, and is content with what works", async () => {
  const { code, ok, checks } = await doctor();
  expect(
    Object.entries(checks)
      .filter(([, { status }]) => status === "fail")
      .map(([name, { detail }]) => `${name}: ${detail}`),
  ).toEqual([]);
  expect([code, ok]).toEqual([0, true]);
  expect(Object.keys(checks)).toEqual([
    "configuration",
    "database",
    "migrations",
    "grants",
    "audit",
    "clock",
    "temporal",
    "namespace",
    "search_attributes",
    "workers",
    "pause",
    "session_keys",
    "credential",
    "redirect_uri",
    "secrets",
    "applications",
    "login",
    "graph",
  ]);
  expect(checks["workers"]?.status).toBe("pass");
  expect(checks["secrets"]).toMatchObject({ status: "pass", detail: "all open: 1 under default" });
});

it("says that no worker polls", async () => {
  const name = `idle-${randomUUID()}`;
  await product.temporal.workflowService.registerNamespace({
    namespace: name,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  await expect
    .poll(async () => (await doctor({ TEMPORAL_NAMESPACE: name })).checks["workers"], { timeout: 30_000 })
    .toMatchObject({ status: "fail", fix: expect.stringContaining("npm run worker") as unknown });
});

it("says that our own credential is refused, and nothing of it", async () => {
  const { code, checks } = await doctor({ AUTHIO_MS_PROVISION_CLIENT_SECRET: "canary-wrong" });
  expect(code).toBe(1);
  expect(checks["credential"]).toMatchObject({
    status: "fail",
    detail: "Microsoft refuses it: The client secret is wrong.",
    fix: expect.stringContaining("AUTHIO_MS_PROVISION_CLIENT_SECRET") as unknown,
  });
  expect(JSON.stringify(checks)).not.toContain("canary");
});

it("names the roles, warns of .All, and skips where the app is not approved or no tenant is set", async () => {
  product.simulator.world.realism = { ...noRealism, appRoles: ["Application.ReadWrite.OwnedBy"] };
  expect((await doctor()).checks["credential"]).toMatchObject({
    status: "pass",
    detail: expect.stringContaining("roles: Application.ReadWrite.OwnedBy") as unknown,
  });
  product.simulator.world.realism = { ...noRealism, appRoles: ["Application.ReadWrite.All"] };
  expect((await doctor()).checks["credential"]).toMatchObject({
    status: "warn",
    fix: expect.stringContaining("OwnedBy is enough") as unknown,
  });
  const stranger = product.addTenant().id;
  expect((await doctor({ AUTHIO_MS_HOME_TENANT_ID: stranger })).checks["credential"]?.status).toBe("skip");
  expect((await doctor({ AUTHIO_MS_HOME_TENANT_ID: "" })).checks["credential"]?.status).toBe("skip");
});

it("reads the end of our secret and the redirect URI where it may", async () => {
  product.simulator.world.realism = { ...noRealism, appRoles: ["Application.ReadWrite.OwnedBy"] };
  register(200, [`${product.origin}/v1/sso/microsoft/consent/callback`]);
  const well = await doctor();
  expect(well.checks["credential"]?.detail).toMatch(/(199|200) days left/);
  expect(well.checks["redirect_uri"]?.status).toBe("pass");
  home.applications.pop();
  register(12, ["https://elsewhere.example.com/callback"]);
  const ill = await doctor();
  home.applications.pop();
  expect(ill.checks["credential"]?.status).toBe("warn");
  expect(ill.checks["redirect_uri"]?.status).toBe("fail");
});

it("opens every stored secret, counts by key, and says which key can go", async () => {
  const key = product.environment["AUTHIO_IMPORT_CREDS_KEY"] ?? "";
  const other = randomBytes(32).toString("base64");
  expect(
    (await doctor({ AUTHIO_IMPORT_CREDS_KEY: `new:${other},default:${key}` })).checks["secrets"],
  ).toMatchObject({
    status: "warn",
    detail: expect.stringContaining("1 under default; default cannot go yet") as unknown,
  });
  expect(
    (await doctor({ AUTHIO_IMPORT_CREDS_KEY: `default:${key},old:${other}` })).checks["secrets"],
  ).toEqual({
    status: "pass",
    detail: "all open: 1 under default; old can go",
  });
  const lost = await doctor({ AUTHIO_IMPORT_CREDS_KEY: `new:${other}` });
  expect(lost.code).toBe(1);
  expect(lost.checks["secrets"]?.detail).toMatch(
    /^1 do not open: connection secrets sso_\w+ \(unknown_key\)/,
  );
  const wrong = await doctor({ AUTHIO_IMPORT_CREDS_KEY: other });
  expect(wrong.checks["secrets"]?.detail).toContain("(not_authentic)");
});

it("names a wrong setting, and one session issuer without keys", async () => {
  const wrong = await doctor({ AUTHIO_DASHBOARD_URL: "ftp://nowhere" });
  expect(wrong.checks["configuration"]).toMatchObject({
    status: "fail",
    detail: expect.stringContaining("AUTHIO_DASHBOARD_URL") as unknown,
  });
  const away = await doctor({ AUTHIO_SESSION_JWKS_URL: "http://127.0.0.1:1/keys" });
  expect(away.checks["session_keys"]?.status).toBe("fail");
});
