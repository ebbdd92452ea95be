import { afterAll, beforeAll, expect, it } from "vitest";
import { factsOfKind } from "../../src/domain/operation-kinds.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { consent, newOrg, type Product, start, startProduct } from "../support/product.ts";

let product: Product;

beforeAll(async () => {
  product = await startProduct({ AUTHIO_CALLBACK_WAIT_MS: "0" });
});
afterAll(() => product.stop());

/** Proved, with nobody working on it yet: the worker starts later. */
async function onProgressPage() {
  const [browser, org, tenant] = [new Browser(), newOrg(), product.addTenant()];
  const { id, consent_url: consentUrl } = await start(product, browser, org);
  const callback = await consent(browser, consentUrl, tenant);
  const page = await browser.follow(await browser.request(callback), (url) =>
    url.pathname.includes("/provisions/"),
  );
  return { browser, id, page: page.href };
}

it("streams the steps to the starter's browser until it is settled, then page, data and stream agree", async () => {
  const { browser, id, page } = await onProgressPage();
  const json = { accept: "application/json" };
  const first = (await (await browser.request(page, { headers: json })).json()) as { steps: object[] };
  expect(first.steps).toHaveLength(factsOfKind("connect").steps.length);
  expect(first).not.toHaveProperty("location");
  const html = await (await browser.request(page)).text();
  expect(html).toContain("Your approval is recorded");
  expect(html).not.toMatch(/<script(?![^>]*src=)/);

  const stream = await browser.request(`${page}/events`);
  expect(stream.headers.get("content-type")).toContain("text/event-stream");
  await product.startWorker();
  const events = [...(await stream.text()).matchAll(/^event: progress\ndata: (.+)$/gm)].map(
    (match) => JSON.parse(match[1] ?? "") as { location?: string; steps: { state: string }[] },
  );
  expect(events.length).toBeGreaterThan(1);
  const last = events.at(-1);
  expect(last?.location).toContain("ok=microsoft_connected");
  expect(last?.steps.every(({ state }) => state === "done")).toBe(true);

  const settled = await browser.request(page);
  expect(settled.status).toBe(303);
  expect(settled.headers.get("location")).toBe(last?.location);
  expect((await (await browser.request(page, { headers: json })).json()) as object).toMatchObject({
    location: last?.location,
  });
  expect(id).toMatch(/^mspr_/);
});

it("shows nothing to another browser", async () => {
  const { page } = await onProgressPage();
  for (const path of [page, `${page}/events`]) expect((await new Browser().request(path)).status).toBe(404);
});

it("ends open streams when the process stops", async () => {
  await product.stopWorkers();
  const { browser, page } = await onProgressPage();
  const stream = await browser.request(`${page}/events`);
  const begunMs = Date.now();
  setTimeout(() => product.api.beginStop(), 300);
  await stream.text();
  expect(Date.now() - begunMs).toBeLessThan(3000);
});
