import { afterAll, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { consent, newOrg, type Product, start, startProduct } from "../support/product.ts";

// A dashboard may sign its return URL, or read its query with a parser of its own.

let product: Product;
const returnTo = "http://localhost/settings?flag&z=1&q=a%20b+c&next=%2Fx%3Fy%3D1&euro=%e2%82%ac;v=2&";

beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_CONFIRM_HOSTS: "localhost" });
  await product.startWorker();
});
afterAll(() => product.stop());

/** What was added to the return URL, in the text of the `Location` that leads there. */
async function added(browser: Browser, callback: string): Promise<string> {
  let location = callback;
  for (let hops = 0; hops < 10 && !location.startsWith("http://localhost/settings"); hops += 1)
    location = (await browser.request(location)).headers.get("location") ?? "";
  expect(location.slice(0, returnTo.length)).toBe(returnTo);
  return location.slice(returnTo.length);
}

it("keeps the return URL's own query byte for byte after a success", async () => {
  const [tenant, browser] = [product.addTenant(), new Browser()];
  const { consent_url: url } = await start(product, browser, newOrg(), { return_to: returnTo });
  expect(await added(browser, await consent(browser, url, tenant))).toMatch(
    /^ok=microsoft_connected&connection=sso_\w+$/,
  );
});

it("and after a failure", async () => {
  const browser = new Browser();
  const { id, consent_url: url } = await start(product, browser, newOrg(), { return_to: returnTo });
  const state = new URL(url).searchParams.get("state") ?? "";
  const declined = `${product.origin}/v1/sso/microsoft/consent/callback?error=access_denied&state=${state}`;
  expect(await added(browser, declined)).toBe(`error=consent_declined&request=${id}`);
});

it("and on the way to a confirmation", async () => {
  const [tenant, browser] = [product.addTenant(), new Browser()];
  const { id, consent_url: url } = await start(product, browser, newOrg(), {
    return_to: returnTo,
    binding: "confirm",
  });
  expect(await added(browser, await consent(browser, url, tenant))).toMatch(
    new RegExp(`^request=${id}&ms_confirm=[\\w-]{43}$`),
  );
});
