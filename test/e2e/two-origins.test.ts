import { afterAll, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { freePort } from "../../src/embedded/free-port.ts";
import { type RunningServer, serveHttp } from "../../src/processes/serve.ts";
import { type WiredApi, wireApi } from "../../src/processes/wire-api.ts";
import { loadApiConfig } from "../../src/config/load-config.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import {
  consent,
  eventually,
  liveApplications,
  newOrg,
  type Product,
  startProduct,
} from "../support/product.ts";
import { refusalOf } from "../support/refusal.ts";

// The management API on one site, the sso service on another: the browser cookie of the sso service cannot stick to a
// start call, so the starter's session confirms afterwards.

let product: Product;
let management: { api: WiredApi; server: RunningServer; origin: string };
const dashboardOrigin = "https://dashboard.example.net";
const returnTo = "http://127.0.0.1/settings?tab=sso";

beforeAll(async () => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  product = await startProduct({
    AUTHIO_ROLE: "sso",
    AUTHIO_MANAGEMENT_ORIGIN: origin,
    AUTHIO_MS_CONSENT_RETURN_HOSTS: "localhost,127.0.0.1",
    AUTHIO_MS_CONFIRM_HOSTS: "127.0.0.1",
    AUTHIO_DASHBOARD_ORIGINS: dashboardOrigin,
  });
  const {
    AUTHIO_MS_PROVISION_CLIENT_SECRET: _secret,
    AUTHIO_IMPORT_CREDS_KEY: _key,
    ...rest
  } = product.environment;
  const api = wireApi(loadApiConfig({ ...rest, AUTHIO_ROLE: "management" }), product.log);
  management = { api, origin, server: await serveHttp(product.held(api), "127.0.0.1", port) };
  await product.startWorker();
});

afterAll(async () => {
  await management.server.stop();
  await management.api.close();
  await product.stop();
});

const statusOf = async (id: string) =>
  (await product.sql`select status, error_code from ms_provision_requests where id = ${id}`)[0];

interface Call {
  readonly method?: string;
  readonly body?: object;
  readonly user?: string;
  readonly role?: "owner" | "member";
  readonly headers?: Record<string, string>;
}

async function call(org: string, path: string, { method = "POST", body, user, role, headers }: Call = {}) {
  const session = await product.session(org, role, user === undefined ? {} : { sub: user });
  return fetch(`${management.origin}/v1/session/orgs/${org}/ms-provision${path}`, {
    method,
    headers: { authorization: `Bearer ${session}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Start at the management API, consent and proof in a browser that knows nothing of it. */
async function arrive(org: string, tenant: SimulatedTenant, browser = new Browser()) {
  const started = await call(org, "/start", { body: { return_to: returnTo } });
  expect(started.status).toBe(201);
  const { id, consent_url: consentUrl } = (await started.json()) as { id: string; consent_url: string };
  const callback = await consent(browser, consentUrl, tenant);
  const end = await browser.follow(await browser.request(callback), (url) => url.pathname === "/settings");
  return { id, callback, end, token: end.searchParams.get("ms_confirm") ?? "", browser };
}

it("works from start to sign-in with two processes on two sites", async () => {
  const [org, tenant] = [newOrg(), product.addTenant()];
  const { id, end, token } = await arrive(org, tenant);
  expect(Object.fromEntries(end.searchParams)).toEqual({ tab: "sso", request: id, ms_confirm: token });
  const [row] = await product.sql`select status, connection_id from ms_provision_requests where id = ${id}`;
  expect(row).toEqual({ status: "unconfirmed", connection_id: null });
  expect(liveApplications(tenant)).toEqual([]);

  const confirmed = await call(org, `/${id}/confirm`, { body: { ms_confirm: token } });
  expect(confirmed.status).toBe(202);
  await eventually(async () => {
    const status = (await (await call(org, `/${id}`, { method: "GET" })).json()) as { status: string };
    return status.status === "succeeded";
  });
  expect(liveApplications(tenant)).toHaveLength(1);
  const again = await call(org, `/${id}/confirm`, { body: { ms_confirm: token } });
  expect(((await again.json()) as { status: string }).status).toBe("succeeded");
});

it("gives a repeated callback of the same browser the same answer; another browser gets nothing and burns it", async () => {
  const [org, tenant] = [newOrg(), product.addTenant()];
  const { id, callback, end, browser } = await arrive(org, tenant);
  const repeated = await browser.follow(
    await browser.request(callback),
    (url) => url.pathname === "/settings",
  );
  expect(repeated.href).toBe(end.href);
  const other = await refusalOf(new Browser(), callback);
  expect(other).toMatchObject({ status: 403, code: "wrong_browser" });
  expect(other.text + other.address.href).not.toContain("ms_confirm");
  expect(await statusOf(id)).toEqual({ status: "refused", error_code: "wrong_browser" });
  const late = await call(org, `/${id}/confirm`, {
    body: { ms_confirm: end.searchParams.get("ms_confirm") },
  });
  expect(((await late.json()) as { status: string }).status).toBe("refused");
});

/** The attacker does the first leg himself with a victim's tenant; gives the genuine address that asks for the proof. */
async function proofOfVictim(tenant: SimulatedTenant, attacker: Browser) {
  const started = await call(newOrg(), "/start", { body: { return_to: returnTo } });
  const { id, consent_url: url } = (await started.json()) as { id: string; consent_url: string };
  const callback = new URL(`${product.origin}/v1/sso/microsoft/consent/callback`);
  callback.search = new URLSearchParams({
    admin_consent: "True",
    tenant: tenant.id,
    state: new URL(url).searchParams.get("state") ?? "",
  }).toString();
  const proof = (await attacker.request(callback)).headers.get("location") ?? "";
  return { id, callback: callback.href, proof };
}

/** The victim's tenant consented long ago, and its administrator is signed in to Microsoft. */
async function signedInVictim() {
  const [tenant, victim] = [product.addTenant(), new Browser()];
  const started = await call(newOrg(), "/start", { body: { return_to: returnTo } });
  await consent(victim, ((await started.json()) as { consent_url: string }).consent_url, tenant);
  return { tenant, victim };
}

const redeemed = (tenant: SimulatedTenant) =>
  product.simulator.world.calls.filter((one) => one.tenantId === tenant.id && one.call === "token");

it("a mailed address of the proof burns the state in the victim's browser, and leaves nothing there to paste", async () => {
  const [{ tenant, victim }, attacker] = [await signedInVictim(), new Browser()];
  const { id, proof, callback } = await proofOfVictim(tenant, attacker);
  const landed = (await victim.request(proof)).headers.get("location") ?? "";
  expect(new URL(landed).searchParams.get("code")).not.toBeNull();
  // What looks at a link before the person does has no effect.
  expect((await victim.request(landed, { method: "HEAD" })).status).toBe(204);
  expect(await statusOf(id)).toMatchObject({ status: "consented" });
  expect(await refusalOf(victim, landed)).toMatchObject({ status: 403, code: "wrong_browser" });
  expect(await statusOf(id)).toEqual({ status: "refused", error_code: "wrong_browser" });
  for (const pasted of [landed, callback]) {
    const end = new URL((await attacker.request(pasted)).headers.get("location") ?? "");
    expect(Object.fromEntries(end.searchParams)).toEqual({ tab: "sso", error: "wrong_browser", request: id });
  }
  expect(redeemed(tenant)).toEqual([]);
});

it.each([
  ["its state spoiled", (url: URL) => url.searchParams.set("state", `${url.searchParams.get("state")}x`)],
  ["another state", (url: URL) => url.searchParams.set("state", "a".repeat(43))],
  ["no state", (url: URL) => url.searchParams.delete("state")],
])("a mailed address with %s leaves no code in the victim's address bar", async (_name, change) => {
  const [{ tenant, victim }, attacker] = [await signedInVictim(), new Browser()];
  const { proof } = await proofOfVictim(tenant, attacker);
  const mailed = new URL(proof);
  change(mailed);
  const landed = (await victim.request(mailed)).headers.get("location") ?? "";
  expect(new URL(landed).searchParams.get("code")).not.toBeNull();
  expect(await refusalOf(victim, landed)).toMatchObject({ status: 400 });
});

it("another tenant burns the state, also after the proof", async () => {
  const [org, tenant, other] = [newOrg(), product.addTenant(), product.addTenant()];
  const { id, callback, browser } = await arrive(org, tenant);
  const answer = await browser.request(callback.replace(tenant.id, other.id));
  expect(answer.headers.get("location")).toContain("error=tenant_mismatch");
  expect(await statusOf(id)).toEqual({ status: "refused", error_code: "tenant_mismatch" });
});

it("the one-time value goes to no host that is not listed for confirmation any more", async () => {
  const [org, tenant] = [newOrg(), product.addTenant()];
  const { id, callback, browser } = await arrive(org, tenant);
  const strict = wireApi(
    loadApiConfig({ ...product.environment, AUTHIO_MS_CONFIRM_HOSTS: "elsewhere.example.com" }),
    product.log,
  );
  const cookie = browser.cookieHeader(new URL(product.origin).host);
  for (const _ of [1, 2]) {
    const location = (await strict.app.request(callback, { headers: { cookie } })).headers.get("location");
    expect(location).toContain("error=binding_unavailable");
    expect(location).not.toContain("ms_confirm");
  }
  await strict.close();
  expect(await statusOf(id)).toEqual({ status: "refused", error_code: "binding_unavailable" });
});

it("a consent link mailed to another company's administrator connects nothing", async () => {
  const [attacker, victim, tenant] = [newOrg(), newOrg(), product.addTenant()];
  const { id, token } = await arrive(attacker, tenant);
  // The victim's dashboard posts what it was handed, with the victim's session: for its own organization …
  expect((await call(victim, `/${id}/confirm`, { body: { ms_confirm: token } })).status).toBe(404);
  // … and the attacker, whose session it is, never sees the value.
  const guess = await call(attacker, `/${id}/confirm`, { body: { ms_confirm: "A".repeat(43) } });
  expect(await guess.json()).toMatchObject({ code: "confirmation_invalid" });
  // A colleague of the attacker's who happens to be a customer too is not the starter.
  const colleague = await call(attacker, `/${id}/confirm`, { body: { ms_confirm: token }, user: "usr_2" });
  expect(await colleague.json()).toMatchObject({ code: "not_the_starter" });
  expect(liveApplications(tenant)).toEqual([]);
});

it.each([
  ["a member", { role: "member" as const }, 403],
  ["an unknown field", { body: { ms_confirm: "x", more: 1 } }, 400],
  ["no body", {}, 400],
])("refuses to confirm for %s", async (_name, given: Call, status) => {
  const [org, tenant] = [newOrg(), product.addTenant()];
  const { id, token } = await arrive(org, tenant);
  const body = given.role === undefined ? given.body : { ms_confirm: token };
  const answer = await call(org, `/${id}/confirm`, { ...given, ...(body === undefined ? {} : { body }) });
  expect(answer.status).toBe(status);
});

it("refuses to confirm what has not come back or has expired", async () => {
  const [org, tenant] = [newOrg(), product.addTenant()];
  const started = (await (await call(org, "/start", { body: { return_to: returnTo } })).json()) as {
    id: string;
  };
  const early = await call(org, `/${started.id}/confirm`, { body: { ms_confirm: "x" } });
  expect(await early.json()).toMatchObject({ code: "not_confirmable" });
  const { id, token } = await arrive(org, tenant);
  await product.sql`update ms_provision_requests set expires_at = now() - interval '1 second' where id = ${id}`;
  const late = await call(org, `/${id}/confirm`, { body: { ms_confirm: token } });
  expect(await late.json()).toMatchObject({ code: "request_expired" });
});

it("two confirmed attempts for one organization and tenant become one", async () => {
  const [org, tenant] = [newOrg(), product.addTenant()];
  const [a, b] = [await arrive(org, tenant), await arrive(org, tenant)];
  await Promise.all(
    [a, b].map(({ id, token }) => call(org, `/${id}/confirm`, { body: { ms_confirm: token } })),
  );
  await eventually(async () => {
    const rows =
      await product.sql`select status from ms_provision_requests where org_id = ${org} order by status`;
    return rows.every(({ status }) => ["succeeded", "superseded"].includes(status as string));
  });
  expect(liveApplications(tenant)).toHaveLength(1);
});

it("demands a listed return host for confirmation", async () => {
  const answer = await call(newOrg(), "/start", { body: { return_to: "http://localhost/settings" } });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ code: "binding_unavailable" });
});

it("admits listed dashboards by CORS with credentials, and nobody else", async () => {
  const preflight = (origin: string) =>
    fetch(`${management.origin}/v1/session/orgs/org_x/ms-provision/start`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
    });
  const admitted = await preflight(dashboardOrigin);
  expect(admitted.status).toBe(204);
  expect(admitted.headers.get("access-control-allow-origin")).toBe(dashboardOrigin);
  expect(admitted.headers.get("access-control-allow-credentials")).toBe("true");
  const refused = await preflight("https://evil.example.net");
  expect(refused.headers.get("access-control-allow-origin")).toBeNull();
  const actual = await call(newOrg(), "", { method: "GET", headers: { origin: dashboardOrigin } });
  expect(actual.headers.get("access-control-allow-origin")).toBe(dashboardOrigin);
  const admin = await fetch(`${management.origin}/v1/admin/ms-provisions`, {
    headers: { origin: dashboardOrigin },
  });
  expect(admin.headers.get("access-control-allow-origin")).toBeNull();
});

it("serves start on the sso origin too, with the cookie binding for a same-site dashboard", async () => {
  const org = newOrg();
  const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision/start`, {
    method: "POST",
    headers: { authorization: `Bearer ${await product.session(org)}`, origin: product.origin },
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("set-cookie")).toMatch(/^__Host-authio_ms_browser=[\w-]{43};/);
  const elsewhere = await fetch(`${product.origin}/v1/session/orgs/${org}/sso-connections`, {
    headers: { authorization: `Bearer ${await product.session(org)}` },
  });
  expect(elsewhere.status).toBe(404);
});
