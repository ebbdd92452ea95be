import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { eventually, liveApplications, type Product, startProduct } from "../support/product.ts";
import { refusalOf } from "../support/refusal.ts";
import { beginSignIn, chooseUser, connectTenant } from "../support/sign-in.ts";

let product: Product;
let connected: Awaited<ReturnType<typeof connectTenant>>;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  connected = await connectTenant(product);
});
afterAll(() => product.stop());

const json = { accept: "application/json" };
const stateOf = (url: string) => new URL(url).searchParams.get("state") ?? "";
const consentedAt = async (connection: string): Promise<unknown> => {
  const rows = await product.sql`select users_consented_at from sso_connections where id = ${connection}`;
  return rows[0]?.["users_consented_at"];
};

describe("several tabs of one browser", () => {
  it.each([
    ["in their order", [0, 1, 2]],
    ["the last one first", [2, 1, 0]],
  ])("finish %s", async (_name, order) => {
    const [{ base, tenant }, browser] = [connected, new Browser()];
    const tabs = [];
    for (const _ of order) tabs.push(await chooseUser(browser, tenant, await beginSignIn(browser, base)));
    for (const index of order)
      expect((await browser.request(tabs[index] ?? "", { headers: json })).status).toBe(200);
    expect(browser.cookieHeader(new URL(base).host)).toBe("");
  });

  it("an administrator's consent and a sign-in do not disturb each other", async () => {
    const [{ base, tenant }, browser] = [connected, new Browser()];
    const consentUrl = await beginSignIn(browser, base, "admin-consent");
    const signInUrl = await beginSignIn(browser, base);
    const consented = await chooseUser(browser, tenant, consentUrl, 0);
    const signedIn = await chooseUser(browser, tenant, signInUrl, 0);
    expect((await browser.request(signedIn, { headers: json })).status).toBe(200);
    expect(await (await browser.request(consented)).text()).toContain("Accepted for all users");
  });

  it.each([
    ["a stale answer", "code=x&state=stale"],
    ["one without state", "code=x"],
    ["an error of somebody else's", "error=access_denied&error_description=AADSTS65004&state=x"],
    ["a consent of somebody else's", "admin_consent=True&tenant=x&state=x"],
  ])("%s harms no flow that is under way", async (_name, query) => {
    const [{ base, tenant }, browser] = [connected, new Browser()];
    const callback = await chooseUser(browser, tenant, await beginSignIn(browser, base));
    const before = browser.cookieHeader(new URL(base).host);
    expect(await refusalOf(browser, `${base}/callback?${query}`)).toMatchObject({
      status: 400,
      code: "signin_state_invalid",
    });
    expect(browser.cookieHeader(new URL(base).host)).toBe(before);
    expect((await browser.request(callback, { headers: json })).status).toBe(200);
  });

  it("at most eight flows are kept, the oldest goes", async () => {
    const [{ base, tenant }, browser] = [connected, new Browser()];
    const urls = [];
    for (let tab = 0; tab < 12; tab += 1) urls.push(await beginSignIn(browser, base));
    const cookies = browser.cookieHeader(new URL(base).host);
    expect(cookies.split("; ")).toHaveLength(8);
    expect(cookies.split("; ").every((one) => one.startsWith("__Host-authio_sso_flow_"))).toBe(true);
    expect(cookies.length).toBeLessThan(4096);
    const oldest = await chooseUser(browser, tenant, urls[3] ?? "");
    expect(await refusalOf(browser, oldest)).toMatchObject({ code: "signin_state_invalid" });
    for (const kept of urls.slice(4)) {
      const answer = await browser.request(await chooseUser(browser, tenant, kept), { headers: json });
      expect(answer.status).toBe(200);
    }
  });

  it("cookies that are not ours are dropped and stop nobody", async () => {
    const { base } = connected;
    const junk = Array.from({ length: 20 }, (_, index) => `__Host-authio_sso_flow_${index}=junk.${index}`);
    const answer = await fetch(`${base}/initiate`, {
      redirect: "manual",
      headers: { cookie: junk.join("; ") },
    });
    expect(answer.status).toBe(303);
    const set = answer.headers.getSetCookie();
    expect(set.filter((line) => /max-age=0/i.test(line))).toHaveLength(20);
    expect(set.at(-1)).toMatch(
      /^__Host-authio_sso_flow_[0-9a-f]{16}=[^;]+; Max-Age=3600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });
});

it.each(["(x)=1", "[x]=1", "{x}/=1", "=1", "x=%zz", 'x="a', "x=\u00fc", "x"])(
  "a cookie that a browser would not send stops nobody: %s",
  async (rest) => {
    const cookie = `__Host-authio_sso_flow_${rest}`;
    const answer = await fetch(`${connected.base}/initiate`, { redirect: "manual", headers: { cookie } });
    expect(answer.status).toBe(303);
    const callback = await fetch(`${connected.base}/callback?code=x&state=y`, {
      redirect: "manual",
      headers: { cookie },
    });
    expect(callback.headers.get("location")).toContain("/refused?about=");
  },
);

describe("where a flow ends", () => {
  it("nowhere but in the browser that began it, and leaves no code in the other's address bar", async () => {
    const [{ base, tenant }, attacker, victim] = [connected, new Browser(), new Browser()];
    const landed = await chooseUser(victim, tenant, await beginSignIn(attacker, base));
    expect(await refusalOf(victim, landed)).toMatchObject({ status: 400, code: "signin_state_invalid" });
  });

  it("nowhere but at its own connection", async () => {
    const [{ base, tenant }, other, browser] = [connected, await connectTenant(product), new Browser()];
    const callback = await chooseUser(browser, tenant, await beginSignIn(browser, base));
    const elsewhere = other.base + callback.slice(base.length);
    expect(await refusalOf(browser, elsewhere)).toMatchObject({ code: "signin_state_invalid" });
    expect(await refusalOf(browser, callback)).toMatchObject({ code: "signin_state_invalid" });
  });

  it("a flow takes the answer to what it asked, given once", async () => {
    const [{ base, tenant }, browser] = [connected, new Browser()];
    for (const change of [
      (url: URL) => url.searchParams.set("admin_consent", "True"),
      (url: URL) => url.searchParams.append("state", "x"),
      (url: URL) => url.searchParams.append("code", "x"),
    ]) {
      const url = new URL(await chooseUser(browser, tenant, await beginSignIn(browser, base)));
      change(url);
      const answer = await browser.request(url);
      expect(await (await browser.followAll(answer)).text()).not.toContain("Accepted for all users");
    }
  });
});

describe("that users have consented", () => {
  it("is never taken from a callback's query", async () => {
    const [{ base, tenant, connection }, browser] = [await connectTenant(product), new Browser()];
    for (const [consent, tid, status] of [
      ["False", tenant.id, 403],
      ["false", tenant.id, 403],
      ["", tenant.id, 403],
      ["true", tenant.id, 403],
      ["True", crypto.randomUUID(), 403],
      ["True", "", 403],
    ] as const) {
      const state = stateOf(await beginSignIn(browser, base, "admin-consent"));
      const query = new URLSearchParams({ admin_consent: consent, tenant: tid, state }).toString();
      expect(await refusalOf(browser, `${base}/callback?${query}`)).toMatchObject({ status });
    }
    const state = stateOf(await beginSignIn(browser, base, "admin-consent"));
    const told = await browser.request(
      `${base}/callback?admin_consent=True&tenant=${tenant.id}&state=${state}`,
    );
    expect(await told.text()).toContain("Microsoft reports");
    expect(await consentedAt(connection)).toBeNull();
  });

  it("is known when somebody else than the administrator who connected has signed in, and audited", async () => {
    const { base, tenant, connection } = await connectTenant(product);
    const signIn = async (user: number) => {
      const browser = new Browser();
      const callback = await chooseUser(browser, tenant, await beginSignIn(browser, base), user);
      expect((await browser.request(callback, { headers: json })).status).toBe(200);
    };
    // It is noted beside the answer, which does not wait for it.
    const isNoted = async (column: string): Promise<boolean> =>
      (
        await product.sql`select ${product.sql(column)} as at from sso_connections where id = ${connection}`
      )[0]?.["at"] !== null;
    await signIn(0);
    await eventually(() => isNoted("last_sign_in_at"));
    expect(await consentedAt(connection)).toBeNull();
    await signIn(1);
    await eventually(() => isNoted("users_consented_at"));
    const first = await consentedAt(connection);
    expect(first).toBeInstanceOf(Date);
    await signIn(1);
    expect(await consentedAt(connection)).toEqual(first);
    expect(
      await product.sql`select actor, detail from audit_events where connection_id = ${connection} and action = 'users_consented'`,
    ).toEqual([{ actor: "browser", detail: { user: tenant.users[1]?.id } }]);
    expect(liveApplications(tenant)).toHaveLength(1);
  });
});
