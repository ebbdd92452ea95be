import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { type Fault, noRealism } from "../../src/simulator/options.ts";
import { pageTitles } from "../support/page-titles.ts";
import {
  connect,
  consent,
  eventually,
  finish,
  newOrg,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";

// What Microsoft answers between the approval and the proof: errors that pass, errors that say why, long texts.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => {
  product.simulator.world.realism = noRealism;
  product.simulator.world.setFaults([]);
  product.lines.length = 0;
});

const statusOf = async (id: string) =>
  (await product.sql`select status, error_code from ms_provision_requests where id = ${id}`)[0];
const callsTo = (tenantId: string, call: string) =>
  product.simulator.world.calls.filter((one) => one.tenantId === tenantId && one.call === call);
const hopFault = (error: string, numbers: number[], more: { times?: number; text?: string } = {}): Fault => ({
  call: "authorize",
  kind: "oauth",
  error,
  numbers,
  ...more,
});
const tokenFault = (
  error: string,
  numbers: number[],
  more: { times?: number; status?: number; text?: string } = {},
): Fault => ({ call: "token", of: "provisioning", kind: "oauth", error, numbers, ...more });
/** From the callback of the approval to the last answer, whatever it is. */
const followConsent = async (browser: Browser, url: string, tenant: ReturnType<Product["addTenant"]>) =>
  browser.followAll(await browser.request(await consent(browser, url, tenant)));

describe("the silent hop", () => {
  it.each([
    ["access_denied", [53_003], "consent_blocked"],
    ["interaction_required", [530_004], "consent_blocked"],
    ["access_denied", [65_004], "consent_declined"],
    ["access_denied", [50_105], "consent_not_assigned"],
    ["access_denied", [90_072], "consent_wrong_directory"],
    ["access_denied", [90_094], "consent_admin_required"],
    ["invalid_client", [650_052], "microsoft_service_missing"],
    ["access_denied", [], "consent_declined"],
  ])("%s with %j ends as %s", async (error, numbers, code) => {
    const tenant = product.addTenant();
    product.simulator.world.setFaults([hopFault(error, numbers)]);
    const { end, id } = await connect(product, tenant);
    expect(end.searchParams.get("error")).toBe(code);
    expect(await statusOf(id)).toEqual({
      status: code === "consent_declined" ? "denied" : "refused",
      error_code: code,
    });
    expect(callsTo(tenant.id, "authorize")).toHaveLength(1);
  });

  it.each([
    ["temporarily_unavailable", []],
    ["server_error", [90_033]],
    ["access_denied", [90_006]],
    ["unauthorized_client", [7_000_229]],
    ["interaction_required", [50_076]],
    ["access_denied", [50_058]],
  ])("%s with %j once is answered by another hop", async (error, numbers) => {
    const tenant = product.addTenant();
    product.simulator.world.setFaults([hopFault(error, numbers)]);
    const { end } = await connect(product, tenant);
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(callsTo(tenant.id, "authorize")).toHaveLength(2);
  });

  it("a passing error is answered by three hops at most, then said at its address; loading that again goes on", async () => {
    const [tenant, browser] = [product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, newOrg());
    product.simulator.world.setFaults([hopFault("temporarily_unavailable", [90_033], { times: 5 })]);
    const said = await followConsent(browser, url, tenant);
    expect(said.status).toBe(503);
    expect(said.headers.get("retry-after")).toBe("5");
    expect(await said.text()).toContain("AADSTS90033");
    expect(callsTo(tenant.id, "authorize")).toHaveLength(4);
    expect(await statusOf(id)).toEqual({ status: "consented", error_code: null });
    // It fails once more, at another address: said again, not redirected for ever.
    const again = await browser.followAll(await browser.request(said.url));
    expect([again.status, again.url === said.url]).toEqual([503, false]);
    const end = await finish(browser, again.url);
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(callsTo(tenant.id, "authorize")).toHaveLength(6);
  });

  it("what does not spread in time ends as such, without an alarm", async () => {
    const tenant = product.addTenant();
    product.simulator.world.setFaults([hopFault("invalid_client", [7_000_229], { times: 9 })]);
    const { end } = await connect(product, tenant);
    expect(end.searchParams.get("error")).toBe("consent_not_effective");
    expect(product.lines.join()).not.toContain("provisioning credential");
  });
});

it("an approval that Microsoft could not take for the moment can be given again with the same state", async () => {
  const [tenant, browser] = [product.addTenant(), new Browser()];
  const { id, consent_url: url } = await start(product, browser, newOrg());
  const state = new URL(url).searchParams.get("state") ?? "";
  const callback = `${product.origin}/v1/sso/microsoft/consent/callback?error=server_error&error_description=AADSTS90033&state=${state}`;
  expect((await browser.request(callback)).status).toBe(503);
  expect(await statusOf(id)).toEqual({ status: "issued", error_code: null });
  const again = await browser.request(callback);
  expect(again.headers.get("location")).toBe(url);
  expect((await finish(browser, await consent(browser, url, tenant))).searchParams.get("ok")).toBe(
    "microsoft_connected",
  );
});

describe("redeeming the proof's code", () => {
  it.each([
    ["invalid_client", [7_000_229], 401],
    ["unauthorized_client", [700_016], 400],
    ["invalid_client", [90_033], 400],
    ["temporarily_unavailable", [], 503],
    ["invalid_grant", [70_000, 54_005], 400],
    ["invalid_grant", [50_076], 400],
  ])("%s with %j once costs nobody the approval", async (error, numbers, status) => {
    const tenant = product.addTenant();
    product.simulator.world.setFaults([tokenFault(error, numbers, { status })]);
    const { end } = await connect(product, tenant);
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
  });

  it.each([
    ["unauthorized_client", [7_000_112], "application_disabled"],
    ["invalid_client", [650_057], "provisioning_app_misconfigured"],
    ["invalid_grant", [53_003], "consent_blocked"],
  ])("%s with %j ends as %s, without an alarm", async (error, numbers, code) => {
    product.simulator.world.setFaults([tokenFault(error, numbers, { times: 99 })]);
    const { end, id } = await connect(product, product.addTenant());
    expect(end.searchParams.get("error")).toBe(code);
    expect(await statusOf(id)).toEqual({ status: "refused", error_code: code });
    expect(product.lines.join()).not.toContain("provisioning credential");
  });

  it("our own credential refused alarms the operator and burns nothing", async () => {
    const [tenant, browser] = [product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, newOrg());
    product.simulator.world.setFaults([tokenFault("invalid_client", [7_000_215], { status: 401 })]);
    const said = await followConsent(browser, url, tenant);
    expect(said.status).toBe(503);
    expect(product.lines.join()).toContain("Microsoft refuses the provisioning credential");
    expect(await statusOf(id)).toEqual({ status: "consented", error_code: null });
    // It was refused once: seconds later a try finds it taken.
    product.simulator.world.setFaults([]);
    await eventually(async () => (await product.sql`select from provisioning_pauses`).length === 0, 30_000);
  });
});

it.each(pageTitles)("takes states with the title that Microsoft appends: %s", async (titleInState) => {
  product.simulator.world.realism = { ...noRealism, titleInState };
  const { end } = await connect(product, product.addTenant());
  expect(end.searchParams.get("ok")).toBe("microsoft_connected");
});

describe("long answers", () => {
  it("takes a code of 12,000 characters", async () => {
    product.simulator.world.realism = { ...noRealism, codeCharacters: 12_000 };
    const { end } = await connect(product, product.addTenant());
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
  });

  it("takes an error text of 9 KB for what its number says, and keeps none of it", async () => {
    const text = `marker ${"Access has been blocked. ".repeat(360)}`;
    product.simulator.world.setFaults([hopFault("access_denied", [53_003], { text })]);
    const { end, id } = await connect(product, product.addTenant());
    expect(end.searchParams.get("error")).toBe("consent_blocked");
    const rows = await product.sql`select * from ms_provision_requests where id = ${id}`;
    expect(JSON.stringify(rows) + product.lines.join()).not.toContain("marker");
  });
});

describe("Microsoft's keys have rotated", () => {
  const stale = (times: number): Fault => ({ call: "keys", kind: "stale", times });
  const redeemed = (tenantId: string) =>
    callsTo(tenantId, "token").filter(
      ({ body }) => (body as { grant_type?: string }).grant_type === "authorization_code",
    );

  it.each([0, 1, 2])("%i answers of its key endpoint are old: the code is redeemed once", async (times) => {
    const tenant = product.addTenant();
    await product.simulator.rotateKeys();
    product.simulator.world.setFaults([stale(times)]);
    const { end } = await connect(product, tenant);
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(redeemed(tenant.id)).toHaveLength(1);
    expect(callsTo(tenant.id, "keys")).toHaveLength(times + 1);
  });

  it("four answers are old: another hop brings another code", async () => {
    const tenant = product.addTenant();
    await product.simulator.rotateKeys();
    product.simulator.world.setFaults([stale(4)]);
    const { end } = await connect(product, tenant);
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(redeemed(tenant.id)).toHaveLength(2);
  });

  it("a key that stays unpublished refuses nobody, and costs five fetches", async () => {
    const [tenant, browser] = [product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, newOrg());
    product.simulator.world.realism = { ...noRealism, idTokenFlaw: "key" };
    const said = await followConsent(browser, url, tenant);
    expect(said.status).toBe(503);
    expect(Number(said.headers.get("retry-after"))).toBeGreaterThanOrEqual(5);
    expect(callsTo(tenant.id, "keys")).toHaveLength(5);
    expect(await statusOf(id)).toEqual({ status: "consented", error_code: null });
    product.simulator.world.realism = noRealism;
    expect((await finish(browser, said.url)).searchParams.get("ok")).toBe("microsoft_connected");
  });

  it.each<Fault>([
    { call: "keys", kind: "answer", status: 500, times: 2 },
    { call: "keys", kind: "html", status: 200, times: 2 },
    { call: "keys", kind: "empty", status: 200, times: 2 },
    { call: "keys", kind: "shape", times: 2 },
    { call: "keys", kind: "drop", times: 2 },
  ])("the key endpoint fails twice: %j", async (fault) => {
    const tenant = product.addTenant();
    product.simulator.world.setFaults([fault]);
    const { end } = await connect(product, tenant);
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(redeemed(tenant.id)).toHaveLength(1);
  });
});

describe("the claims of the proof", () => {
  it("what is optional or for display refuses nobody", async () => {
    product.simulator.world.realism = {
      ...noRealism,
      idTokenClaims: { email: null, name: 5, preferred_username: null, hasgroups: "true", groups: "g" },
    };
    const { end } = await connect(product, product.addTenant());
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
  });

  it.each([[null], ["1700000000"], [-1], [1e20], [[]], [{}]])(
    "an odd %j in all of them refuses nobody",
    async (value) => {
      const names = ["auth_time", "amr", "name", "preferred_username", "groups", "acrs", "sid", "login_hint"];
      product.simulator.world.realism = {
        ...noRealism,
        idTokenClaims: Object.fromEntries(names.map((name) => [name, value])),
      };
      const { end } = await connect(product, product.addTenant());
      expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    },
  );

  it.each([
    [{ azp: "00000000-1111-2222-3333-444444444444" }, "proof_invalid"],
    [{ acct: "" }, "proof_claims_not_configured"],
    [{ acct: null }, "proof_claims_not_configured"],
    [{ acct: false }, "proof_claims_not_configured"],
    [{ acct: [] }, "proof_claims_not_configured"],
    [{ acct: "1" }, "guest_not_accepted"],
  ])("%j ends as %s", async (idTokenClaims, code) => {
    const tenant = product.addTenant();
    product.simulator.world.realism = { ...noRealism, idTokenClaims };
    const { end } = await connect(product, tenant);
    expect(end.searchParams.get("error")).toBe(code);
    expect(callsTo(tenant.id, "instantiate")).toHaveLength(0);
  });
});
