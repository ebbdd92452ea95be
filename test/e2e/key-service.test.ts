import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { parseMasterKeyring } from "../../src/domain/master-keyring.ts";
import { environmentKeyWrapping } from "../../src/sealing/environment-key-wrapping.ts";
import type { KeyWrapping } from "../../src/sealing/key-wrapping.ts";
import {
  connect,
  consent,
  eventually,
  newOrg,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";
import { beginSignIn, chooseUser, connectTenant } from "../support/sign-in.ts";

// The master keys stand elsewhere, as in a cloud's key service, and are out of reach for a while.

let product: Product;
/** Which of the port's calls are answered now. */
const reach = { wrap: true, unwrap: true };

beforeAll(async () => {
  product = await startProduct({ AUTHIO_CALLBACK_WAIT_MS: "0" });
  const inner = environmentKeyWrapping(
    parseMasterKeyring(product.environment["AUTHIO_IMPORT_CREDS_KEY"] ?? ""),
  );
  const away = () => Promise.reject(new TypeError("connect ECONNREFUSED canary-key-service:443"));
  const keyWrapping: KeyWrapping = {
    activeKeyId: inner.activeKeyId,
    wrap: (dataKey, purpose) => (reach.wrap ? inner.wrap(dataKey, purpose) : away()),
    unwrap: (given, purpose) => (reach.unwrap ? inner.unwrap(given, purpose) : away()),
  };
  product.addReplica({}, { keyWrapping });
  await product.startWorker({}, {}, { keyWrapping });
});
afterEach(() => void Object.assign(reach, { wrap: true, unwrap: true }));
afterAll(() => product.stop());

it.each([
  ["before a secret is minted: none is", { wrap: false }, "addPassword", 0],
  ["after one was minted: it waits in its envelope", { unwrap: false }, "sealSecret", 1],
])("an outage %s, and the run ends well afterwards", async (_, outage, step, mintedMeanwhile) => {
  Object.assign(reach, outage);
  const [browser, org, tenant] = [new Browser(), newOrg(), product.addTenant()];
  const { id, consent_url: consentUrl } = await start(product, browser, org);
  const callback = await consent(browser, consentUrl, tenant);
  await browser.follow(await browser.request(callback), (url) => url.pathname.includes("/provisions/"));
  const status = async () => {
    const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision/${id}`, {
      headers: { authorization: `Bearer ${await product.session(org)}` },
    });
    return (await answer.json()) as { status: string; steps: Record<string, unknown>[] };
  };
  const minted = () =>
    product.simulator.world.calls.filter(
      ({ tenantId, call }) => tenantId === tenant.id && call === "addPassword",
    ).length;
  await eventually(async () => {
    const { steps } = await status();
    return steps.some(({ name, attempts }) => name === step && Number(attempts) > 2);
  });
  expect(minted()).toBe(mintedMeanwhile);
  expect((await status()).steps.find(({ name }) => name === step)).toMatchObject({
    state: "retrying",
    note: "The sealing key does not open the secret",
  });
  Object.assign(reach, { wrap: true, unwrap: true });
  await eventually(async () => (await status()).status === "succeeded");
  expect(minted()).toBe(1);
  const history = await product.temporal.workflow.getHandle(`ms-provision-${id}`).fetchHistory();
  for (const text of [JSON.stringify(history), product.lines.join("\n")])
    expect(text).not.toContain("canary-key");
});

it("sign-in says so while the key is out of reach, and the same code is good afterwards", async () => {
  const { tenant, base } = await connectTenant(product);
  const browser = new Browser();
  const callback = await chooseUser(browser, tenant, await beginSignIn(browser, base));
  const redeem = () => browser.request(callback, { headers: { accept: "application/json" } });
  reach.unwrap = false;
  const refused = await redeem();
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ code: "sealing_key_unavailable" });
  reach.unwrap = true;
  expect((await redeem()).status).toBe(200);
});

it("a click while everything is in reach is as ever", async () => {
  const { end } = await connect(product, product.addTenant());
  expect(end.searchParams.get("ok")).toBe("microsoft_connected");
});
