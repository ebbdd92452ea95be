import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import type { WiredApi } from "../../src/processes/wire-api.ts";
import {
  connect,
  consent,
  eventually,
  liveApplications,
  newOrg,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";

// A rotation goes round: one replica has the old key active, the other the new one, and a browser meets both.

const [a, b] = ["a", "b"].map((id) => `${id}:${randomBytes(32).toString("base64")}`);
const returnTo = "http://127.0.0.1/settings";
let product: Product;
let old: WiredApi;
let young: WiredApi;

beforeAll(async () => {
  product = await startProduct({
    AUTHIO_IMPORT_CREDS_KEY: `${a},${b}`,
    AUTHIO_MS_CONSENT_RETURN_HOSTS: "localhost,127.0.0.1",
    AUTHIO_MS_CONFIRM_HOSTS: "127.0.0.1",
    AUTHIO_CALLBACK_WAIT_MS: "0",
  });
  old = product.api;
  young = product.addReplica({ AUTHIO_IMPORT_CREDS_KEY: `${b},${a}` });
  await product.startWorker();
});
afterAll(() => product.stop());

const both = (): [string, WiredApi, WiredApi][] => [
  ["the old key active, then the new", old, young],
  ["the new key active, then the old", young, old],
];

it.each([0, 1])("start, consent, proof and progress across replicas (%i)", async (order) => {
  const [, first, second] = both()[order] ?? [];
  const [browser, org, tenant] = [new Browser(), newOrg(), product.addTenant()];
  product.answerWith(first as WiredApi);
  const { id, consent_url: consentUrl } = await start(product, browser, org);
  product.answerWith(second as WiredApi);
  const leg1 = await browser.request(await consent(browser, consentUrl, tenant));
  const proof = await browser.request(leg1.headers.get("location") ?? "");
  product.answerWith(first as WiredApi);
  const leg2 = await browser.request(proof.headers.get("location") ?? "");
  expect(leg2.headers.get("location")).toContain(`/provisions/${id}`);
  product.answerWith(second as WiredApi);
  const end = await browser.follow(leg2, (url) => url.pathname === "/settings");
  expect(end.searchParams.get("ok")).toBe("microsoft_connected");
  expect(liveApplications(tenant)).toHaveLength(1);
});

it.each([0, 1])(
  "confirm: a repeated callback meets another replica, its value is the same (%i)",
  async (order) => {
    const [, first, second] = both()[order] ?? [];
    const [org, tenant, browser] = [newOrg(), product.addTenant(), new Browser()];
    const session = { authorization: `Bearer ${await product.session(org)}` };
    const base = `${product.origin}/v1/session/orgs/${org}/ms-provision`;
    product.answerWith(first as WiredApi);
    // Called from another site, so that the starter's session confirms.
    const started = await fetch(`${base}/start`, {
      method: "POST",
      headers: { ...session, origin: "https://dashboard.example.net" },
      body: JSON.stringify({ return_to: returnTo }),
    });
    const { id, consent_url: consentUrl } = (await started.json()) as { id: string; consent_url: string };
    const callback = await consent(browser, consentUrl, tenant);
    const isEnd = (url: URL) => url.pathname === "/settings";
    const end = await browser.follow(await browser.request(callback), isEnd);
    product.answerWith(second as WiredApi);
    const again = await browser.follow(await browser.request(callback), isEnd);
    expect(again.href).toBe(end.href);
    const confirmed = await fetch(`${base}/${id}/confirm`, {
      method: "POST",
      headers: session,
      body: JSON.stringify({ ms_confirm: again.searchParams.get("ms_confirm") }),
    });
    expect(confirmed.status).toBe(202);
    await eventually(() => liveApplications(tenant).length === 1);
  },
);

it.each([0, 1])("sign-in begins at one replica and ends at the other (%i)", async (order) => {
  const [, first, second] = both()[order] ?? [];
  product.answerWith(old);
  const tenant = product.addTenant();
  const { end } = await connect(product, tenant);
  const browser = new Browser();
  product.answerWith(first as WiredApi);
  const begun = await browser.request(
    `${product.origin}/v1/sso/connections/${end.searchParams.get("connection")}/initiate`,
  );
  const page = await (await browser.request(begun.headers.get("location") ?? "")).text();
  const action = /action="([^"]+)"/.exec(page)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const chosen = await browser.request(new URL(action, product.simulator.origin), {
    method: "POST",
    body: new URLSearchParams({ user: tenant.users[1]?.id ?? "" }),
  });
  product.answerWith(second as WiredApi);
  const signedIn = await browser.followAll(chosen, { accept: "application/json" });
  expect(signedIn.status).toBe(200);
});

it("a worker with the other key active goes on where its colleague stopped", async () => {
  product.answerWith(old);
  const [tenant, browser, org] = [product.addTenant(), new Browser(), newOrg()];
  // The new secret is minted and sealed, and not accepted yet.
  product.simulator.world.setFaults([
    {
      call: "token",
      of: "connection",
      kind: "answer",
      status: 401,
      code: "invalid_client",
      aadsts: 7_000_215,
      times: 1_000_000,
    },
  ]);
  const { consent_url: consentUrl } = await start(product, browser, org);
  const callback = await consent(browser, consentUrl, tenant);
  const progress = await browser.follow(await browser.request(callback), (url) =>
    url.pathname.includes("/provisions/"),
  );
  await eventually(() => liveApplications(tenant)[0]?.credentials.length === 1);
  await product.stopWorkers();
  product.simulator.world.setFaults([]);
  await product.startWorker({}, { AUTHIO_IMPORT_CREDS_KEY: `${b},${a}` });
  const end = await browser.follow(await browser.request(progress), (url) => url.pathname === "/settings");
  expect(end.searchParams.get("ok")).toBe("microsoft_connected");
  expect(liveApplications(tenant)[0]?.credentials).toHaveLength(1);
});
