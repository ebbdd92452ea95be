import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { noRealism } from "../../src/simulator/options.ts";
import { type Connected, startLooking } from "../support/looking.ts";
import { eventually, type Product, startProduct } from "../support/product.ts";
import { beginSignIn, chooseUser } from "../support/sign-in.ts";

// What sign-ins say of a connection: whether users are consented for, and what they were refused for.

let product: Product;
let looking: ReturnType<typeof startLooking>;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  looking = startLooking(product);
});
afterAll(async () => {
  await looking.stop();
  await product.stop();
});
afterEach(() => {
  product.simulator.world.setFaults([]);
  product.simulator.world.realism = noRealism;
});

/** As one of the tenant's users: 0 administrator, 1 member, 3 stopped by conditional access. */
async function signIn({ tenant, id }: Connected, user = 1): Promise<Record<string, unknown>> {
  const browser = new Browser();
  const microsoft = await beginSignIn(browser, `${product.origin}/v1/sso/connections/${id}`);
  const callback = await chooseUser(browser, tenant, microsoft, user);
  const answer = await browser.request(callback, { headers: { accept: "application/json" } });
  return (await answer.json()) as Record<string, unknown>;
}
/** What a browser brings to a sign-in of its own. */
async function bring(
  { id }: Connected,
  answer: Record<string, string>,
  meanwhile?: () => Promise<unknown>,
): Promise<void> {
  const browser = new Browser();
  const base = `${product.origin}/v1/sso/connections/${id}`;
  const state = new URL(await beginSignIn(browser, base)).searchParams.get("state") ?? "";
  await meanwhile?.();
  await browser.request(`${base}/callback?${new URLSearchParams({ ...answer, state }).toString()}`);
}
const consentOf = async (one: Connected) => (await looking.viewOf(one))["users_consented"];
const notConsented = ({ tenant }: Connected, isSo = true): void =>
  product.simulator.world.setTenantFaults(
    tenant.id,
    isSo
      ? [
          {
            call: "token",
            of: "connection",
            kind: "oauth",
            error: "invalid_grant",
            numbers: [65_001],
            times: 100,
          },
        ]
      : [],
  );
const withGrants = {
  ...noRealism,
  appRoles: ["Application.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"],
};

describe("users' consent", () => {
  it("is not known until an ordinary person gets through; an administrator's success says nothing", async () => {
    const one = await looking.connected();
    expect(await consentOf(one)).toBeNull();
    expect(await signIn(one, 0)).toHaveProperty("sub");
    await eventually(async () => (await looking.viewOf(one))["last_sign_in_at"] !== undefined);
    expect(await consentOf(one)).toBeNull();
    expect(await signIn(one)).toHaveProperty("sub");
    await eventually(async () => (await consentOf(one)) === true);
    expect(await looking.viewOf(one)).not.toHaveProperty("admin_consent_url");
  });

  it("is missing where Microsoft's token endpoint says so, until somebody gets through; told at each turn", async () => {
    const one = await looking.connected();
    await signIn(one);
    await eventually(async () => (await consentOf(one)) === true);
    notConsented(one);
    for (const code of [(await signIn(one))["code"], (await signIn(one))["code"]])
      expect(code).toBe("signin_consent_required");
    expect(await consentOf(one)).toBe(false);
    expect(await looking.viewOf(one)).toHaveProperty("admin_consent_url");
    notConsented(one, false);
    await signIn(one);
    await eventually(async () => (await consentOf(one)) === true);
    const rows =
      await product.sql`select action from audit_events where connection_id = ${one.id} and action like 'users_consent%' order by id`;
    expect(rows.map(({ action }) => String(action))).toEqual([
      "users_consented",
      "users_consent_missing",
      "users_consented",
    ]);
  });

  it("is never believed from what a browser brings", async () => {
    const one = await looking.connected();
    const error_description = "AADSTS65001: The user or administrator has not consented.";
    await bring(one, { error: "invalid_grant", error_description });
    await bring(one, { error: "consent_required", error_description });
    await bring(one, { admin_consent: "True", tenant: one.tenant.id });
    expect(await consentOf(one)).toBeNull();
  });

  it("is what grants say, where they can be read; a person's own consent does not overrule them", async () => {
    product.simulator.world.realism = withGrants;
    const one = await looking.connected();
    await eventually(async () => (await consentOf(one)) === true);
    one.application.grants = [];
    await looking.look(one);
    await eventually(async () => (await consentOf(one)) === true);
    await looking.look(one);
    expect(await consentOf(one)).toBe(false);
    await signIn(one);
    await eventually(async () => (await looking.viewOf(one))["last_sign_in_at"] !== undefined);
    expect(await consentOf(one)).toBe(false);
    // Our permission to read them goes: sign-ins count again.
    product.simulator.world.realism = noRealism;
    looking.forgetTokens();
    expect(await looking.look(one)).toMatchObject({ looked: 1 });
    expect(await consentOf(one)).toBe(false);
    await signIn(one);
    await eventually(async () => (await consentOf(one)) === true);
  });
});

describe("refused sign-ins", () => {
  it("are counted by day and cause, without anybody's name", async () => {
    const one = await looking.connected();
    expect((await looking.viewOf(one))["sign_in_failures"]).toEqual([]);
    for (const user of [3, 3]) await signIn(one, user);
    notConsented(one);
    await signIn(one);
    const day = new Date().toISOString().slice(0, 10);
    await eventually(async () => ((await looking.viewOf(one))["sign_in_failures"] as unknown[]).length === 2);
    expect(await looking.viewOf(one)).toMatchObject({
      last_sign_in_failure: { code: "signin_consent_required" },
      sign_in_failures: [
        { day, code: "signin_blocked_by_policy", count: 2 },
        { day, code: "signin_consent_required", count: 1 },
      ],
    });
    const rows = await product.sql`select * from daily_sign_in_failures where connection_id = ${one.id}`;
    expect(Object.keys(rows[0] ?? {}).toSorted()).toEqual([
      "code",
      "connection_id",
      "count",
      "day",
      "last_at",
    ]);
  });

  it("are none of those that did not begin here, that pass, or that owners caused", async () => {
    const one = await looking.connected();
    const base = `${product.origin}/v1/sso/connections/${one.id}`;
    await new Browser().request(`${base}/callback?error=access_denied&state=${"a".repeat(40)}`);
    product.simulator.world.setTenantFaults(one.tenant.id, [
      { call: "token", of: "connection", kind: "answer", status: 503, times: 100 },
    ]);
    expect((await signIn(one))["code"]).toBe("signin_unavailable");
    await bring(one, { error: "access_denied" }, () => looking.call(one, "PATCH", { status: "suspended" }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await looking.viewOf(one))["sign_in_failures"]).toEqual([]);
  });

  it("are forgotten after two months", async () => {
    const one = await looking.connected();
    await product.sql`insert into daily_sign_in_failures (connection_id, day, code, count, last_at)
      values (${one.id}, current_date - 62, 'signin_declined', 1, now()), (${one.id}, current_date - 50, 'signin_declined', 1, now())`;
    await looking.noteDue();
    const rows = await product.sql`select day from daily_sign_in_failures where connection_id = ${one.id}`;
    expect(rows).toHaveLength(1);
  });
});
