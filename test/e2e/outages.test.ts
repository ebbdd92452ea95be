import { afterAll, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { freePort } from "../../src/embedded/free-port.ts";
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
import { wireApi } from "../../src/processes/wire-api.ts";
import { searchAttributeNames } from "../../src/domain/provision-contract.ts";
import { loadApiConfig } from "../../src/config/load-config.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_CALLBACK_WAIT_MS: "200" });
});
afterAll(() => product.stop());

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

it("Temporal down at the callback: the approval is kept, the work begins when a worker reconciles", async () => {
  const away = wireApi(
    loadApiConfig({ ...product.environment, TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` }),
    silent,
  );
  const [tenant, browser] = [product.addTenant(), new Browser()];
  const { id, consent_url: url } = await start(product, browser, newOrg());
  const leg1 = await browser.request(await consent(browser, url, tenant));
  const leg2 = (await browser.request(leg1.headers.get("location") ?? "")).headers.get("location") ?? "";
  // The same callback, served by a process that cannot reach Temporal.
  const answer = await away.app.request(leg2, {
    headers: { cookie: browser.cookieHeader(new URL(product.origin).host) },
  });
  expect(answer.headers.get("location")).toBe(`${product.origin}/v1/sso/microsoft/provisions/${id}`);
  expect((await product.sql`select status from ms_provision_requests where id = ${id}`)[0]).toEqual({
    status: "provisioning",
  });
  await expect(product.temporal.workflow.getHandle(`ms-provision-${id}`).describe()).rejects.toThrow();
  const page = await browser.request(answer.headers.get("location") ?? "");
  expect(await page.text()).toContain("Your approval is recorded");
  await away.close();

  await product.startWorker();
  await eventually(
    async () =>
      (await product.sql`select status from ms_provision_requests where id = ${id}`)[0]?.["status"] ===
      "succeeded",
  );
  expect(liveApplications(tenant)).toHaveLength(1);
  expect((await browser.request(answer.headers.get("location") ?? "")).headers.get("location")).toContain(
    "ok=microsoft_connected",
  );
  await product.stopWorkers();
});

it("a workflow started by hand for an unproved request makes no call", async () => {
  await product.startWorker();
  const [tenant, browser] = [product.addTenant(), new Browser()];
  const { id, consent_url: url } = await start(product, browser, newOrg());
  await consent(browser, url, tenant);
  const handle = await product.temporal.workflow.start("provisionMicrosoftConnection", {
    taskQueue: "ms-provision",
    workflowId: `ms-provision-${id}`,
    args: [{ operationId: id.replace("mspr_", "op_"), generation: 1 }],
  });
  await expect(handle.result()).rejects.toThrow();
  expect(product.simulator.world.calls.filter(({ tenantId }) => tenantId === tenant.id)).toEqual([]);
});

it("a workflow that was terminated is driven again and converges on one application", async () => {
  const tenant = product.addTenant();
  product.simulator.world.setFaults([{ call: "addPassword", kind: "hang", times: 1 }]);
  const browser = new Browser();
  const { id, consent_url: url } = await start(product, browser, newOrg());
  const leg1 = await browser.request(await consent(browser, url, tenant));
  await browser.request(
    (await browser.request(leg1.headers.get("location") ?? "")).headers.get("location") ?? "",
  );
  await eventually(() =>
    product.simulator.world.calls.some(
      ({ tenantId, call }) => tenantId === tenant.id && call === "addPassword",
    ),
  );
  await product.temporal.workflow.getHandle(`ms-provision-${id}`).terminate("test");
  await eventually(
    async () =>
      (await product.sql`select status from ms_provision_requests where id = ${id}`)[0]?.["status"] ===
      "succeeded",
    40_000,
  );
  expect(liveApplications(tenant)).toHaveLength(1);
  expect(liveApplications(tenant)[0]?.credentials).toHaveLength(1);
});

it("Postgres away: start answers 503, the callback a page that can be tried again", async () => {
  const away = wireApi(
    loadApiConfig({
      ...product.environment,
      DATABASE_URL: `postgres://authio@127.0.0.1:${await freePort()}/none`,
    }),
    silent,
  );
  const org = newOrg();
  const answer = await away.app.request(`${product.origin}/v1/session/orgs/${org}/ms-provision/start`, {
    method: "POST",
    headers: { authorization: `Bearer ${await product.session(org)}`, origin: product.origin },
  });
  expect(answer.status).toBe(503);
  expect(((await answer.json()) as { code: string }).code).toBe("service_unavailable");
  const page = await away.app.request(
    `${product.origin}/v1/sso/microsoft/consent/callback?admin_consent=True&tenant=${product.addTenant().id}&state=${"a".repeat(43)}`,
  );
  expect(page.status).toBe(503);
  expect(await page.text()).toContain("Try again");
  expect((await away.app.request("/readyz")).status).toBe(503);
  await away.close();
});

it("more than five open requests are refused with Retry-After", async () => {
  const org = newOrg();
  for (let open = 0; open < 5; open += 1) await start(product, new Browser(), org);
  const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision/start`, {
    method: "POST",
    headers: { authorization: `Bearer ${await product.session(org)}`, origin: product.origin },
  });
  expect(answer.status).toBe(429);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(800);
  expect((await connect(product, product.addTenant())).end.searchParams.get("ok")).toBe(
    "microsoft_connected",
  );
});

it("a namespace without our search attributes still runs the workflow", async () => {
  const names = Object.values(searchAttributeNames);
  const namespace = product.environment["TEMPORAL_NAMESPACE"] ?? "";
  await product.temporal.connection.operatorService.removeSearchAttributes({
    namespace,
    searchAttributes: names,
  });
  const { end, id } = await connect(product, product.addTenant());
  expect(end.searchParams.get("ok")).toBe("microsoft_connected");
  const found = await product.temporal.workflow.getHandle(`ms-provision-${id}`).describe();
  expect(Object.keys(found.searchAttributes).filter((name) => name.startsWith("Authio"))).toEqual([]);
});
