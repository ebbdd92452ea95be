import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { noRealism } from "../../src/simulator/options.ts";
import { refusalOf } from "../support/refusal.ts";
import {
  connect,
  consent,
  finish,
  liveApplications,
  newOrg,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

const statusOf = async (id: string) =>
  (await product.sql`select status, error_code from ms_provision_requests where id = ${id}`)[0];
const callsTo = (tenantId: string) =>
  product.simulator.world.calls.filter((one) => one.tenantId === tenantId).map(({ call }) => call);

describe("who may finish", () => {
  it("another browser is refused and burns the state", async () => {
    const [tenant, starter, other] = [product.addTenant(), new Browser(), new Browser()];
    const { id, consent_url: url } = await start(product, starter, newOrg());
    const callback = await consent(other, url, tenant);
    expect(await refusalOf(other, callback)).toMatchObject({ status: 403, code: "wrong_browser" });
    expect(await statusOf(id)).toEqual({ status: "refused", error_code: "wrong_browser" });
    // The starter cannot use what the other person approved.
    expect((await finish(starter, callback)).searchParams.get("error")).toBe("wrong_browser");
    expect(callsTo(tenant.id)).toEqual([]);
  });

  it("a browser that has a cookie from a start of its own is another browser too", async () => {
    const [tenant, starter, other] = [product.addTenant(), new Browser(), new Browser()];
    const { id, consent_url: url } = await start(product, starter, newOrg());
    await start(product, other, newOrg());
    expect(await refusalOf(other, await consent(other, url, tenant))).toMatchObject({ status: 403 });
    expect(await statusOf(id)).toEqual({ status: "refused", error_code: "wrong_browser" });
    expect(callsTo(tenant.id)).toEqual([]);
  });

  it("a hand-made callback with another, consented tenant makes no Graph and no token call", async () => {
    const victim = product.addTenant();
    victim.consentedMs = Date.now();
    const browser = new Browser();
    const { consent_url: url } = await start(product, browser, newOrg());
    const state = new URL(url).searchParams.get("state") ?? "";
    const forged = await browser.request(
      `${product.origin}/v1/sso/microsoft/consent/callback?admin_consent=True&tenant=${victim.id}&state=${state}`,
    );
    expect(forged.headers.get("location")).toContain(`/${victim.id}/oauth2/v2.0/authorize`);
    // The attacker is not signed in there: silent, then interactive, and no further.
    const silent = await browser.request(forged.headers.get("location") ?? "");
    const interactive = await browser.request(silent.headers.get("location") ?? "");
    expect((await browser.request(interactive.headers.get("location") ?? "")).status).toBe(200);
    // What is public was fetched for the hop; nothing was sent with a credential of ours.
    expect(callsTo(victim.id).filter((call) => call !== "discovery" && call !== "keys")).toEqual([
      "authorize",
      "authorize",
    ]);
    expect(liveApplications(victim)).toHaveLength(0);
  });

  it("a second tenant on the same state burns it", async () => {
    const [first, second, browser] = [product.addTenant(), product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, newOrg());
    const callback = await consent(browser, url, first);
    await browser.request(callback);
    const end = await finish(browser, callback.replace(first.id, second.id));
    expect(end.searchParams.get("error")).toBe("tenant_mismatch");
    expect(await statusOf(id)).toEqual({ status: "refused", error_code: "tenant_mismatch" });
  });

  it.each([
    [1, "not_an_administrator"],
    [2, "guest_not_accepted"],
  ])("user %i is no proof: %s", async (user, code) => {
    const [tenant, browser] = [product.addTenant(), new Browser()];
    tenant.consentedMs = Date.now();
    const { consent_url: url } = await start(product, browser, newOrg());
    // The member signs in; an approval of somebody else's is already there.
    await consent(browser, url, tenant, user);
    const state = new URL(url).searchParams.get("state") ?? "";
    const end = await finish(
      browser,
      `${product.origin}/v1/sso/microsoft/consent/callback?admin_consent=True&tenant=${tenant.id}&state=${state}`,
    );
    expect(end.searchParams.get("error")).toBe(code);
    expect(callsTo(tenant.id)).not.toContain("instantiate");
  });

  it.each(["signature", "algorithm", "audience", "issuer", "nonce", "expired", "tenant", "party"] as const)(
    "an id_token with a wrong %s is no proof",
    async (flaw) => {
      const tenant = product.addTenant();
      product.simulator.world.realism = { ...noRealism, idTokenFlaw: flaw };
      const { end, id } = await connect(product, tenant);
      product.simulator.world.realism = noRealism;
      expect(end.searchParams.get("error")).toBe(flaw === "tenant" ? "tenant_mismatch" : "proof_invalid");
      expect(await statusOf(id)).toMatchObject({ status: "refused" });
      expect(callsTo(tenant.id)).not.toContain("instantiate");
    },
  );

  it("a decline without tenant is told as such, twice the same", async () => {
    const browser = new Browser();
    const { id, consent_url: url } = await start(product, browser, newOrg());
    const declined = await browser.request(url, {
      method: "POST",
      body: new URLSearchParams({ decision: "cancel" }),
    });
    for (const _ of [1, 2]) {
      const end = await finish(browser, declined.headers.get("location") ?? "");
      expect(Object.fromEntries(end.searchParams)).toEqual({
        tab: "sso",
        error: "consent_declined",
        request: id,
      });
    }
  });

  it("a decline after the consent, by going back, counts until the proof", async () => {
    const [tenant, browser] = [product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, newOrg());
    const callback = await consent(browser, url, tenant);
    const firstLeg = await browser.request(callback);
    expect(firstLeg.headers.get("location")).toContain("/oauth2/v2.0/authorize");
    const state = new URL(url).searchParams.get("state") ?? "";
    const declined = new URL(`${product.origin}/v1/sso/microsoft/consent/callback`);
    declined.search = new URLSearchParams({
      error: "access_denied",
      error_description: "AADSTS65004: User declined to consent.",
      state,
    }).toString();
    const end = await browser.request(declined);
    expect(end.headers.get("location")).toContain("error=consent_declined");
    expect(await statusOf(id)).toEqual({ status: "denied", error_code: "consent_declined" });
    // The proof that was on its way is no use any more.
    const late = await browser.follow(firstLeg, (to) => to.searchParams.has("error"));
    expect(late.searchParams.get("error")).toBe("consent_declined");
    expect(liveApplications(tenant)).toHaveLength(0);
  });

  it("an expired state tells so and changes nothing at Microsoft", async () => {
    const [tenant, browser] = [product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, newOrg());
    await product.sql`update ms_provision_requests set expires_at = now() - interval '1 second' where id = ${id}`;
    expect((await finish(browser, await consent(browser, url, tenant))).searchParams.get("error")).toBe(
      "request_expired",
    );
  });
});

describe("repeats", () => {
  it("ten equal callbacks at once redeem the code once and get one answer", async () => {
    const [tenant, browser] = [product.addTenant(), new Browser()];
    const { consent_url: url } = await start(product, browser, newOrg());
    const leg1 = await browser.request(await consent(browser, url, tenant));
    const leg2 = (await browser.request(leg1.headers.get("location") ?? "")).headers.get("location") ?? "";
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => (await browser.request(leg2)).headers.get("location")),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("ok=microsoft_connected");
    const redeemed = product.simulator.world.calls.filter(
      ({ tenantId, body }) =>
        tenantId === tenant.id &&
        (body as { grant_type?: string } | undefined)?.grant_type === "authorization_code",
    );
    expect(redeemed).toHaveLength(1);
    expect(liveApplications(tenant)).toHaveLength(1);
  });

  it("HEAD has no effect", async () => {
    const [tenant, browser] = [product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, newOrg());
    const callback = await consent(browser, url, tenant);
    expect((await new Browser().request(callback, { method: "HEAD" })).status).toBe(204);
    expect(await statusOf(id)).toMatchObject({ status: "issued" });
    expect((await finish(browser, callback)).searchParams.get("ok")).toBe("microsoft_connected");
  });

  it("two admins of one organization share one application and one answer", async () => {
    const [tenant, org] = [product.addTenant(), newOrg()];
    const [first, second] = await Promise.all([
      connect(product, tenant, { org }),
      connect(product, tenant, { org }),
    ]);
    expect(first.end.searchParams.get("connection")).toBe(second.end.searchParams.get("connection"));
    expect(liveApplications(tenant)).toHaveLength(1);
    for (const { id } of [first, second])
      expect(await statusOf(id)).toMatchObject({ status: expect.stringMatching(/^(succeeded|superseded)$/) });
  });

  it("two organizations may connect one tenant, each with its own application", async () => {
    const tenant = product.addTenant();
    const [a, b] = await Promise.all([connect(product, tenant), connect(product, tenant)]);
    expect(a.end.searchParams.get("connection")).not.toBe(b.end.searchParams.get("connection"));
    expect(liveApplications(tenant)).toHaveLength(2);
  });
});
