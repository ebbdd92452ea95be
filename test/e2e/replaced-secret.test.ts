import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { consent, eventually, newOrg, type Product, start, startProduct } from "../support/product.ts";

// Our own secret was wrong; a new one is put into the file, and nothing is restarted.

const folder = mkdtempSync(path.join(os.tmpdir(), "secret-"));
const file = path.join(folder, "provisioning-secret");
let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_CALLBACK_WAIT_MS: "0" });
});
afterAll(async () => {
  await product.stop();
  rmSync(folder, { recursive: true });
});

it("a run waits while our own secret is refused, and goes on with the one that takes its place", async () => {
  const right = product.environment["AUTHIO_MS_PROVISION_CLIENT_SECRET"] ?? "";
  writeFileSync(file, "expired-or-wrong");
  const fromFile = { AUTHIO_MS_PROVISION_CLIENT_SECRET: "", AUTHIO_MS_PROVISION_CLIENT_SECRET_FILE: file };
  await product.startWorker({}, fromFile);
  const [browser, tenant, org] = [new Browser(), product.addTenant(), newOrg()];
  const { id, consent_url: consentUrl } = await start(product, browser, org);
  const callback = await consent(browser, consentUrl, tenant);
  await browser.follow(await browser.request(callback), (url) => url.pathname.includes("/provisions/"));
  await eventually(() => product.lines.some((line) => line.includes("provisioning_credential_refused")));
  const statusOf = async () =>
    (await product.sql`select status from ms_provision_requests where id = ${id}`)[0]?.["status"] as unknown;
  expect(await statusOf()).toBe("provisioning");
  writeFileSync(file, right);
  await eventually(async () => (await statusOf()) === "succeeded", 90_000);
});
