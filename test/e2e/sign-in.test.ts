import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import { type Fault, noRealism } from "../../src/simulator/options.ts";
import { pageTitles } from "../support/page-titles.ts";
import { connect, liveApplications, newOrg, type Product, startProduct } from "../support/product.ts";

let product: Product;

beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => {
  product.simulator.world.realism = noRealism;
  product.simulator.world.setFaults([]);
});

async function connected() {
  const tenant = product.addTenant();
  const { end } = await connect(product, tenant);
  const connection = end.searchParams.get("connection") ?? "";
  return { tenant, connection, base: `${product.origin}/v1/sso/connections/${connection}` };
}

/** As one of the tenant's users: 1 member, 3 stopped by conditional access, 4 of another directory. */
async function signIn(
  base: string,
  tenant: SimulatedTenant,
  user = 1,
  headers: Record<string, string> = { accept: "application/json" },
  browser = new Browser(),
): Promise<Response> {
  const page = await browser.request(await locationOf(browser, `${base}/initiate`));
  const action = /action="([^"]+)"/.exec(await page.text())?.[1]?.replaceAll("&amp;", "&") ?? "";
  const chosen = await browser.request(new URL(action, product.simulator.origin), {
    method: "POST",
    body: new URLSearchParams({ user: tenant.users[user]?.id ?? "" }),
  });
  return browser.followAll(chosen, headers);
}

async function locationOf(browser: Browser, url: string): Promise<string> {
  return (await browser.request(url)).headers.get("location") ?? "";
}

it.each([
  [3, 403, "signin_blocked_by_policy", "AADSTS53003"],
  [4, 403, "signin_wrong_directory", "AADSTS50020"],
])("user %i ends with %i %s, and the page names %s", async (user, status, code, number) => {
  const { base, tenant } = await connected();
  const answer = await signIn(base, tenant, user);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ code });
  const page = await (await signIn(base, tenant, user, {})).text();
  expect(page).toContain(`https://login.microsoftonline.com/error?code=${number.slice(6)}`);
  expect(page).toMatch(/Microsoft correlation id: [0-9a-f-]{36}/);
  expect(page).toContain(`href="${new URL(base).pathname}/initiate"`);
  expect(page).not.toContain("ManagedAppMenuBlade");
});

it("an unassigned user learns what that means, and an administrator where to assign", async () => {
  const tenant = product.addTenant();
  const { end } = await connect(product, tenant, { body: { access: "assigned" } });
  const base = `${product.origin}/v1/sso/connections/${end.searchParams.get("connection")}`;
  expect(await (await signIn(base, tenant)).json()).toMatchObject({ code: "signin_not_assigned" });
  const page = await (await signIn(base, tenant, 1, {})).text();
  const application = tenant.applications[0];
  expect(page).toContain("Only people who are assigned to the application may sign in");
  expect(page).toContain(
    `href="https://entra.microsoft.com/${tenant.id}/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Users/objectId/${application?.servicePrincipalId}/appId/${application?.appId}"`,
  );
});

it.each([
  [700_016, "unauthorized_client", 400, "signin_application_missing"],
  [7_000_222, "invalid_client", 401, "signin_secret_refused"],
  [50_011, "invalid_client", 400, "signin_redirect_mismatch"],
  [65_001, "invalid_grant", 400, "signin_consent_required"],
  [650_052, "invalid_client", 401, "signin_service_missing"],
  [650_056, "invalid_client", 401, "signin_consent_required"],
  [650_057, "invalid_client", 401, "signin_misconfigured"],
  [7_000_229, "invalid_client", 401, "signin_application_missing"],
  [7_000_112, "invalid_client", 401, "signin_application_disabled"],
  [90_033, "invalid_client", 400, "signin_unavailable"],
  [99_999, "invalid_grant", 400, "signin_refused"],
])("a token endpoint that says AADSTS%i ends as %s", async (aadsts, error, status, code) => {
  const { base, tenant, connection } = await connected();
  await product.sql`update sso_connections set updated_at = now() - interval '1 hour' where id = ${connection}`;
  product.simulator.world.setFaults([
    { call: "token", kind: "answer", status, code: error, aadsts, times: 9 },
  ]);
  expect(await (await signIn(base, tenant)).json()).toMatchObject({ code });
});

it("gives a young secret time to be known everywhere", async () => {
  const { base, tenant } = await connected();
  product.simulator.world.setFaults([
    { call: "token", kind: "answer", status: 401, code: "invalid_client", aadsts: 7_000_215, times: 2 },
  ]);
  expect((await signIn(base, tenant)).status).toBe(200);
});

it("gives a young application time to be known everywhere", async () => {
  const { base, tenant } = await connected();
  product.simulator.world.setFaults([
    { call: "token", kind: "oauth", error: "invalid_client", numbers: [7_000_229], status: 401, times: 2 },
  ]);
  expect((await signIn(base, tenant)).status).toBe(200);
});

it.each([
  ["invalid_client", [650_052], "signin_service_missing", 403],
  ["unauthorized_client", [700_016], "signin_application_missing", 502],
  ["access_denied", [530_004], "signin_blocked_by_policy", 403],
  ["invalid_client", [], "signin_misconfigured", 502],
  ["temporarily_unavailable", [], "signin_unavailable", 503],
])("an answer of %s with %j ends as %s", async (error, numbers, code, status) => {
  const { base, tenant } = await connected();
  product.simulator.world.setFaults([{ call: "authorize", kind: "oauth", error, numbers, from: 2 }]);
  const answer = await signIn(base, tenant);
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
});

it.each([
  [{ email: null, name: 5 }, { email_verified: false }],
  [{ hasgroups: "true" }, { groups: null, groups_overage: true }],
  [
    { groups: "g1", xms_edov: "1", wids: "x", acct: null },
    { groups: ["g1"], email_verified: true },
  ],
])("takes a valid token with %j", async (idTokenClaims, identity) => {
  const { base, tenant } = await connected();
  product.simulator.world.realism = { ...noRealism, idTokenClaims };
  expect(await (await signIn(base, tenant)).json()).toMatchObject(identity);
});

it("takes a valid token whatever its optional claims are", async () => {
  const { base, tenant } = await connected();
  const names =
    "auth_time amr acct email xms_edov groups name preferred_username acrs sid login_hint wids hasgroups".split(
      " ",
    );
  for (const value of [null, undefined, "", "true", "1700000000", 7, -1, 1e20, true, [], ["x", 1], {}]) {
    const idTokenClaims = Object.fromEntries(names.map((name) => [name, value]));
    product.simulator.world.realism = { ...noRealism, idTokenClaims };
    const answer = await signIn(base, tenant);
    expect([value, answer.status]).toEqual([value, 200]);
    expect(await answer.json()).toMatchObject({ tid: tenant.id, oid: tenant.users[1]?.id });
  }
});

it("does not take a token that another party asked for", async () => {
  const { base, tenant } = await connected();
  product.simulator.world.realism = { ...noRealism, idTokenFlaw: "party" };
  expect(await (await signIn(base, tenant)).json()).toMatchObject({
    status: 502,
    code: "signin_token_invalid",
  });
});

it("waits for a key that is not yet published everywhere, and refuses nobody for one that never is", async () => {
  const { base, tenant } = await connected();
  await product.simulator.rotateKeys();
  product.simulator.world.setFaults([{ call: "keys", kind: "stale", times: 2 }]);
  expect((await signIn(base, tenant)).status).toBe(200);
  product.simulator.world.realism = { ...noRealism, idTokenFlaw: "key" };
  const answer = await signIn(base, tenant);
  expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
  expect(await answer.json()).toMatchObject({ status: 503, code: "signin_unavailable" });
  product.simulator.world.realism = noRealism;
  expect((await signIn(base, tenant)).status).toBe(200);
});

it("takes a token that the application's own key signed, as it does where claims are mapped", async () => {
  const { base, tenant } = await connected();
  product.simulator.world.realism = { ...noRealism, ownSigningKeys: true };
  expect(await (await signIn(base, tenant)).json()).toMatchObject({ tid: tenant.id });
  product.simulator.world.setFaults([{ call: "keys", kind: "answer", status: 503, times: 99 }]);
  expect((await signIn(base, tenant)).status).toBe(200);
  product.simulator.world.setFaults([]);
  // Mapped no more: the directory's keys sign again.
  product.simulator.world.realism = noRealism;
  expect((await signIn(base, tenant)).status).toBe(200);
});

it("finishes at the same address once the key is published, with the token that came before", async () => {
  const { base, tenant } = await connected();
  await product.simulator.rotateKeys();
  product.simulator.world.setFaults([{ call: "keys", kind: "stale", times: 99 }]);
  const browser = new Browser();
  const waiting = await signIn(base, tenant, 1, { accept: "application/json" }, browser);
  expect(waiting.status).toBe(503);
  product.simulator.world.setFaults([]);
  const reloaded = await browser.request(waiting.url, { headers: { accept: "application/json" } });
  expect([reloaded.status, await reloaded.json()]).toMatchObject([200, { tid: tenant.id }]);
  // Spent now, here too.
  expect((await browser.request(waiting.url)).status).not.toBe(200);
}, 20_000);

it.each(pageTitles)("takes the state with the title that Microsoft appends: %s", async (titleInState) => {
  product.simulator.world.realism = { ...noRealism, titleInState };
  const { base, tenant } = await connected();
  expect((await signIn(base, tenant)).status).toBe(200);
});

it("takes a code of 12,000 characters", async () => {
  const { base, tenant } = await connected();
  product.simulator.world.realism = { ...noRealism, codeCharacters: 12_000 };
  expect((await signIn(base, tenant)).status).toBe(200);
});

it("does not wait for an old secret that is refused", async () => {
  const { base, tenant, connection } = await connected();
  await product.sql`update sso_connections set updated_at = now() - interval '1 hour' where id = ${connection}`;
  const application = liveApplications(tenant)[0];
  if (application) application.credentials = [];
  const begunMs = Date.now();
  expect(await (await signIn(base, tenant)).json()).toMatchObject({ code: "signin_secret_refused" });
  expect(Date.now() - begunMs).toBeLessThan(2000);
});

it("says that groups are too many to list, never that there are none", async () => {
  const { base, tenant } = await connected();
  product.simulator.world.realism = { ...noRealism, groupsOverage: true };
  expect(await (await signIn(base, tenant)).json()).toMatchObject({ groups: null, groups_overage: true });
  expect(await (await signIn(base, tenant, 1, {})).text()).toContain("too many to list");
});

it("consents for all users in the run where our app holds the role, once", async () => {
  product.simulator.world.realism = {
    ...noRealism,
    appRoles: ["Application.ReadWrite.OwnedBy", "DelegatedPermissionGrant.ReadWrite.All"],
  };
  const [tenant, org] = [product.addTenant(), newOrg()];
  await connect(product, tenant, { org });
  await connect(product, tenant, { org });
  expect(liveApplications(tenant)[0]?.grants).toMatchObject([
    { principalId: null, scope: "openid profile email" },
  ]);
  const rows = await product.sql`select users_consented_at from sso_connections where org_id = ${org}`;
  expect(rows[0]?.["users_consented_at"]).toBeInstanceOf(Date);
});

it("connects without that consent where Microsoft refuses or fails to give it", async () => {
  product.simulator.world.realism = {
    ...noRealism,
    appRoles: ["Application.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"],
  };
  for (const status of [403, 503]) {
    product.simulator.world.setFaults([{ call: "createGrant", kind: "answer", status, times: 99 }]);
    const { end } = await connect(product, product.addTenant());
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
  }
});

it.each<Fault>([
  { call: "createGrant", kind: "answer", status: 404, code: "Request_ResourceNotFound", times: 4 },
  // Of a grant whose answer was lost, while lists lag.
  {
    call: "createGrant",
    kind: "answer",
    status: 409,
    code: "Request_MultipleObjectsWithSameKeyValue",
    after: true,
  },
  { call: "listGrants", kind: "answer", status: 401, code: "InvalidAuthenticationToken" },
])("consents for all users although it is not known everywhere what was made: %j", async (fault) => {
  product.simulator.world.realism = {
    ...noRealism,
    appRoles: ["Application.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"],
  };
  const [tenant, org] = [product.addTenant(), newOrg()];
  product.simulator.world.setTenantFaults(tenant.id, [fault]);
  await connect(product, tenant, { org });
  expect(liveApplications(tenant)[0]?.grants).toHaveLength(1);
  const [row] = await product.sql`select users_consented_at from sso_connections where org_id = ${org}`;
  expect(row?.["users_consented_at"]).toBeInstanceOf(Date);
});

it.each([
  ["a reload of the cleaned address", ""],
  [
    "a consent that was not asked for here",
    "?admin_consent=True&tenant=11111111-2222-3333-4444-555555555555",
  ],
  ["a hint that a link brings along", "?utm_source=mail"],
])("begins anew by what is no answer: %s", async (_what, query) => {
  const { base } = await connected();
  const answer = await new Browser().request(`${base}/callback${query}`);
  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe(`${base}/initiate#again`);
});
