import { afterAll, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { connect, newOrg, type Product, startProduct } from "../support/product.ts";

// The provisioning app makes connections; a live one works without it.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

const withoutApp = {
  AUTHIO_MS_PROVISION_CLIENT_ID: undefined,
  AUTHIO_MS_PROVISION_CLIENT_SECRET: undefined,
};

it("users of a live connection sign in while the provisioning app is not configured", async () => {
  product.answerWith(product.api);
  const [tenant, org] = [product.addTenant(), newOrg()];
  const { end, id, browser } = await connect(product, tenant, { org });
  product.addReplica(withoutApp);
  const connection = `${product.origin}/v1/sso/connections/${end.searchParams.get("connection")}`;
  const user = new Browser();
  const begun = await user.request(`${connection}/initiate`);
  expect(begun.status).toBe(303);
  const page = await (await user.request(begun.headers.get("location") ?? "")).text();
  const action = /action="([^"]+)"/.exec(page)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const chosen = await user.request(new URL(action, product.simulator.origin), {
    method: "POST",
    body: new URLSearchParams({ user: tenant.users[1]?.id ?? "" }),
  });
  expect((await user.followAll(chosen, { accept: "application/json" })).status).toBe(200);
  expect((await user.request(`${connection}/admin-consent`)).status).toBe(303);
  // What only reads goes on too: the starter's progress page, the list, the button's state.
  expect((await browser.request(`${product.origin}/v1/sso/microsoft/provisions/${id}`)).status).toBe(303);
  const headers = { authorization: `Bearer ${await product.session(org)}` };
  const base = `${product.origin}/v1/session/orgs/${org}/ms-provision`;
  expect(await (await fetch(base, { headers })).json()).toMatchObject({
    configured: false,
    can_start: false,
    reason: "ms_provision_not_configured",
    connections: [{ status: "active" }],
  });
  const start = await fetch(`${base}/start`, { method: "POST", headers });
  expect(start.status).toBe(503);
  expect(await start.json()).toMatchObject({ code: "ms_provision_not_configured" });
});

it("without the master key too, sign-in says what is missing", async () => {
  product.answerWith(product.api);
  const { end } = await connect(product, product.addTenant());
  product.addReplica({ ...withoutApp, AUTHIO_IMPORT_CREDS_KEY: undefined });
  const answer = await fetch(
    `${product.origin}/v1/sso/connections/${end.searchParams.get("connection")}/initiate`,
    { headers: { accept: "application/json" } },
  );
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: "sealing_key_unavailable" });
});
