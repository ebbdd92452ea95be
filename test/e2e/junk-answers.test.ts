import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import { noRealism } from "../../src/simulator/options.ts";
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
import { refusalOf } from "../support/refusal.ts";
import { beginSignIn, chooseUser, connectTenant } from "../support/sign-in.ts";

// Anybody can bring made-up codes; each that is sent on is a call with a real secret.

let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_TRUSTED_PROXIES: "1" });
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => {
  product.simulator.world.realism = noRealism;
  product.simulator.world.hook = undefined;
  product.simulator.world.setFaults([]);
});

const json = { accept: "application/json" };
/** Codes sent to Microsoft for this tenant, with the connection's secret or with ours. */
function redemptions(tenant: SimulatedTenant, secretOf: "connection" | "us" = "connection"): number {
  return product.simulator.world.calls.filter(({ tenantId, body }) => {
    const { grant_type: grant, client_id: client } = (body ?? {}) as Record<string, string | undefined>;
    const isOurs = client === product.simulator.world.provisioningApp.clientId;
    return tenantId === tenant.id && grant === "authorization_code" && isOurs === (secretOf === "us");
  }).length;
}
const withCode = (callback: string, code: string): string => {
  const url = new URL(callback);
  url.searchParams.set("code", code);
  return url.href;
};
const from = (address: string) => ({ ...json, "x-forwarded-for": address });

/** A flow of a browser's with Microsoft's true answer, which is not sent yet. */
async function answered({ base, tenant }: { base: string; tenant: SimulatedTenant }) {
  const browser = new Browser();
  const callback = await chooseUser(browser, tenant, await beginSignIn(browser, base));
  return { browser, callback };
}

/** What the browser sends as cookie, so that each call stands alone, like one of a script's. */
const send = (callback: string, browser: Browser, headers: Record<string, string> = json) =>
  fetch(callback, {
    redirect: "manual",
    headers: { ...headers, cookie: browser.cookieHeader(new URL(callback).host) },
  });

describe("sign-in", () => {
  it.each([
    ["different codes", (index: number) => `junk-${index}`],
    ["one code", () => "junk"],
  ])("300 made-up answers with one flow's cookie and %s cost one call", async (_name, code) => {
    const connected = await connectTenant(product);
    const { browser, callback } = await answered(connected);
    const honest = await answered(connected);
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => send(withCode(callback, code(index)), browser)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
    expect(redemptions(connected.tenant)).toBe(1);
    // The flow is spent, also for its true code; others are not touched.
    expect((await send(callback, browser)).status).toBe(400);
    expect((await send(honest.callback, honest.browser)).status).toBe(200);
    expect(redemptions(connected.tenant)).toBe(2);
  });

  it("ten equal answers at once are one call and one identity; afterwards the code is spent", async () => {
    const connected = await connectTenant(product);
    const { browser, callback } = await answered(connected);
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(callback, browser)));
    const people = await Promise.all(answers.map(async (one) => ((await one.json()) as { oid: string }).oid));
    expect(new Set(people)).toEqual(new Set([connected.tenant.users[1]?.id]));
    expect((await send(callback, browser)).status).toBe(400);
    expect(redemptions(connected.tenant)).toBe(1);
  });

  it("the same code may come again until Microsoft has judged it; another one may not", async () => {
    const connected = await connectTenant(product);
    const { browser, callback } = await answered(connected);
    product.simulator.world.setFaults([{ call: "token", kind: "answer", status: 503, times: 2 }]);
    for (const _ of [1, 2]) {
      const answer = await browser.request(callback);
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain("Microsoft does not answer");
    }
    expect(redemptions(connected.tenant)).toBe(2);
    expect((await send(withCode(callback, "junk"), browser)).status).toBe(400);
    expect(redemptions(connected.tenant)).toBe(2);
    expect((await browser.request(callback, { headers: json })).status).toBe(200);
  });

  it.each(["another browser", "another connection"])(
    "an answer that arrives at %s spends its flow: what was pasted is worth nothing",
    async (where) => {
      const [connected, other] = [await connectTenant(product), await connectTenant(product)];
      const { browser, callback } = await answered(connected);
      const kept = browser.cookieHeader(new URL(callback).host);
      if (where === "another browser") await refusalOf(new Browser(), callback);
      else await send(other.base + callback.slice(connected.base.length), browser);
      const pasted = await fetch(callback, { headers: { ...json, cookie: kept } });
      expect(pasted.status).toBe(400);
      expect(await pasted.json()).toMatchObject({ code: "signin_state_invalid" });
      expect(redemptions(connected.tenant)).toBe(0);
    },
  );

  it("states that nobody issued leave no rows", async () => {
    const { base } = await connectTenant(product);
    const count = async () =>
      (await product.sql`select count(*)::int as rows from code_redemptions`)[0]?.["rows"] as number;
    const before = await count();
    for (const state of ["x", "a".repeat(43), `abc.${"a".repeat(43)}.${"a".repeat(43)}`])
      expect((await fetch(`${base}/callback?code=x&state=${state}`, { headers: json })).status).toBe(400);
    expect(await count()).toBe(before);
  });

  it("many flows with made-up codes end in 429, which is about that visitor only and passes", async () => {
    const connected = await connectTenant(product);
    const flows = await Promise.all(Array.from({ length: 60 }, () => answered(connected)));
    const attacker = from("198.51.100.66");
    const answers = await Promise.all(
      flows.map(({ browser, callback }, index) =>
        send(withCode(callback, `junk-${index}`), browser, attacker),
      ),
    );
    const calls = redemptions(connected.tenant);
    expect(calls).toBeGreaterThanOrEqual(20);
    expect(calls).toBeLessThan(24);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(60 - calls);
    for (const { headers } of refused) expect(headers.get("retry-after")).toMatch(/^[1-3]$/);
    // A person elsewhere, and the same code at its own address once the time is over.
    const [honest, late] = [await answered(connected), await answered(connected)];
    expect((await send(honest.callback, honest.browser, from("203.0.113.9"))).status).toBe(200);
    const early = await late.browser.request(late.callback, {
      headers: { "x-forwarded-for": "198.51.100.66" },
    });
    expect(early.status).toBe(429);
    expect(await early.text()).toContain("Too many sign-ins from your network failed");
    await sleep(1000 * Number(early.headers.get("retry-after")));
    expect((await late.browser.request(late.callback, { headers: attacker })).status).toBe(200);
  });

  it("few calls of one connection are under way at once, and all get through", async () => {
    const connected = await connectTenant(product);
    const flows = await Promise.all(Array.from({ length: 40 }, () => answered(connected)));
    let [underWay, most] = [0, 0];
    product.simulator.world.hook = async (call, phase, tenantId) => {
      if (call !== "token" || tenantId !== connected.tenant.id) return "go on";
      if (phase === "before") {
        most = Math.max(most, (underWay += 1));
        await sleep(50);
      } else if (phase === "applied") underWay -= 1;
      return "go on";
    };
    const answers = await Promise.all(
      flows.map(({ browser, callback }, index) => send(callback, browser, from(`203.0.113.${index % 8}`))),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(most).toBeLessThanOrEqual(16);
  });

  it("is forgotten when its state has ended", async () => {
    const connected = await connectTenant(product);
    const { browser, callback } = await answered(connected);
    await send(callback, browser);
    await product.sql`update code_redemptions set expires_at = now() - interval '1 second'`;
    await eventually(async () => (await product.sql`select 1 from code_redemptions`).length === 0, 80_000);
  });
});

describe("the proof", () => {
  /** The proof's callback with Microsoft's true code, which is not sent yet. */
  async function hop() {
    const [tenant, browser] = [product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, newOrg());
    const leg1 = await browser.request(await consent(browser, url, tenant));
    const callback =
      (await browser.request(leg1.headers.get("location") ?? "")).headers.get("location") ?? "";
    return { tenant, browser, id, callback };
  }
  const statusOf = async (id: string) =>
    (await product.sql`select status from ms_provision_requests where id = ${id}`)[0]?.["status"];

  it.each([
    ["different codes", (index: number) => `junk-${index}`],
    ["one code", () => "junk"],
  ])("60 answers to one hop with %s cost one call and burn nothing", async (_name, code) => {
    const { tenant, browser, id, callback } = await hop();
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => send(withCode(callback, code(index)), browser)),
    );
    expect(redemptions(tenant, "us")).toBe(1);
    // Each is sent on to the next hop, which is where the person gets a fresh code.
    const next = new Set(answers.map(({ headers }) => headers.get("location")));
    expect(next.size).toBe(1);
    expect(await statusOf(id)).toBe("consented");
    expect((await finish(browser, [...next][0] ?? "")).searchParams.get("ok")).toBe("microsoft_connected");
    expect(redemptions(tenant, "us")).toBe(2);
  });

  it("a second code for a hop is not sent, after the first had met an outage that is over", async () => {
    const { tenant, browser, callback } = await hop();
    product.simulator.world.setFaults([{ call: "token", kind: "answer", status: 503, times: 3 }]);
    await browser.request(callback);
    const calls = redemptions(tenant, "us");
    await browser.request(withCode(callback, "junk"));
    expect(redemptions(tenant, "us")).toBe(calls);
    expect((await finish(browser, callback)).searchParams.get("ok")).toBe("microsoft_connected");
  });

  it("leaves neither codes nor states in the table", async () => {
    const { callback, browser } = await hop();
    await finish(browser, callback);
    await connect(product, product.addTenant());
    const stored = JSON.stringify(await product.sql`select * from code_redemptions`);
    for (const name of ["code", "state"])
      expect(stored).not.toContain(new URL(callback).searchParams.get(name));
  });
});
