import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import {
  connect,
  consent,
  eventually,
  finish,
  liveApplications,
  newOrg,
  operatorToken,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";

// "Connect again" approved by another directory's administrator must not become a second connection.

let product: Product;
const confirmReturn = "http://127.0.0.1/settings";

beforeAll(async () => {
  product = await startProduct({
    AUTHIO_MS_CONSENT_RETURN_HOSTS: "localhost,127.0.0.1",
    AUTHIO_MS_CONFIRM_HOSTS: "127.0.0.1",
  });
  await product.startWorker();
});
afterAll(() => product.stop());

const connectionsOf = async (org: string) =>
  (
    await product.sql`select id, entra_tenant_id as tenant from sso_connections where org_id = ${org} order by created_at`
  ).map((row) => ({ id: String(row["id"]), tenant: String(row["tenant"]) }));
const outcomeOf = (end: URL) => end.searchParams.get("error") ?? end.searchParams.get("ok");

async function call(org: string, path: string, body?: object, role: "owner" | "member" = "owner") {
  const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${await product.session(org, role)}`, origin: product.origin },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const errorOf = async (org: string, id: string) =>
  (await call(org, `/${id}`)).body as { status: string; error: { code: string; detail: string } };

/** An organization with one connection. */
async function connected(): Promise<{ org: string; tenant: SimulatedTenant; connection: string }> {
  const tenant = product.addTenant();
  const { org, end } = await connect(product, tenant);
  return { org, tenant, connection: end.searchParams.get("connection") ?? "" };
}

describe("an organization with a connection", () => {
  it("connects the same directory again, named or not, and keeps the connection", async () => {
    const { org, tenant, connection } = await connected();
    for (const body of [{}, { connection }]) {
      const { end } = await connect(product, tenant, { org, body });
      expect(end.searchParams.get("connection")).toBe(connection);
    }
    expect(await connectionsOf(org)).toEqual([{ id: connection, tenant: tenant.id }]);
    expect(liveApplications(tenant)).toHaveLength(1);
  });

  it.each([
    ["that named its connection", true, "directory_differs"],
    ["that named none", false, "another_directory"],
  ])("refuses another directory to a click %s", async (_name, named, code) => {
    const { org, tenant, connection } = await connected();
    const other = product.addTenant();
    const { end, id, browser } = await connect(product, other, { org, body: named ? { connection } : {} });
    expect(outcomeOf(end)).toBe(code);
    expect(await connectionsOf(org)).toEqual([{ id: connection, tenant: tenant.id }]);
    expect(product.simulator.world.calls.filter(({ tenantId }) => tenantId === other.id)).not.toContainEqual(
      expect.objectContaining({ call: "instantiate" }),
    );
    const { status, error } = await errorOf(org, id);
    expect([status, error.code]).toEqual(["refused", code]);
    // The owner reads which directory is which, and that nothing was lost.
    for (const told of [tenant.id, other.id, "was kept and works as before"])
      expect(error.detail).toContain(told);
    // The page of the request says the same again; nothing of it can be used any more.
    const progress = await browser.request(`${product.origin}/v1/sso/microsoft/provisions/${id}`);
    expect(progress.headers.get("location")).toContain(`error=${code}`);
  });

  it("adds another directory where start asked for it, and then each is connected again by itself", async () => {
    const { org, tenant, connection } = await connected();
    const other = product.addTenant();
    const { end } = await connect(product, other, { org, body: { additional: true } });
    expect(outcomeOf(end)).toBe("microsoft_connected");
    const added = end.searchParams.get("connection") ?? "";
    expect(added).not.toBe(connection);
    const again = await connect(product, other, { org });
    expect(again.end.searchParams.get("connection")).toBe(added);
    const crossed = await connect(product, other, { org, body: { connection } });
    expect(outcomeOf(crossed.end)).toBe("directory_differs");
    const repeated = await connect(product, tenant, { org, body: { additional: true } });
    expect(repeated.end.searchParams.get("connection")).toBe(connection);
    expect(await connectionsOf(org)).toHaveLength(2);
  });

  it("does not get two directories from two first clicks at once", async () => {
    const org = newOrg();
    const ends = await Promise.all(
      [product.addTenant(), product.addTenant()].map((tenant) => connect(product, tenant, { org })),
    );
    expect(ends.map(({ end }) => outcomeOf(end)).toSorted()).toEqual([
      "another_directory",
      "microsoft_connected",
    ]);
    expect(await connectionsOf(org)).toHaveLength(1);
  });
});

describe("with confirm binding", () => {
  const begin = async (org: string, tenant: SimulatedTenant, body: object = {}) => {
    const browser = new Browser();
    const { id, consent_url: url } = await start(product, browser, org, {
      return_to: confirmReturn,
      binding: "confirm",
      ...body,
    });
    return { id, end: await finish(browser, await consent(browser, url, tenant)) };
  };

  it("refuses at the proof, and tells the starter nothing of who approved", async () => {
    const { org, tenant, connection } = await connected();
    const other = product.addTenant();
    for (const [body, code] of [
      [{}, "another_directory"],
      [{ connection }, "directory_differs"],
    ] as const) {
      const { id, end } = await begin(org, other, body);
      expect(outcomeOf(end)).toBe(code);
      expect(end.searchParams.has("ms_confirm")).toBe(false);
      const { error } = await errorOf(org, id);
      expect(error.detail).toContain(tenant.id);
      expect(error.detail).not.toContain(other.id);
    }
  });

  it("refuses what another directory's connection has overtaken before it was confirmed", async () => {
    const [org, tenant, other] = [newOrg(), product.addTenant(), product.addTenant()];
    const { id, end } = await begin(org, other);
    await connect(product, tenant, { org });
    const body = { ms_confirm: end.searchParams.get("ms_confirm") };
    for (let times = 0; times < 2; times += 1) {
      const confirmed = await call(org, `/${id}/confirm`, body);
      expect([confirmed.status, confirmed.body["status"]]).toEqual([202, "refused"]);
      expect(confirmed.body["error"]).toMatchObject({ code: "another_directory" });
    }
    expect(await connectionsOf(org)).toHaveLength(1);
    expect(liveApplications(other)).toEqual([]);
  });
});

it("an operator's retry does not add a second directory either", async () => {
  const [org, tenant, other] = [newOrg(), product.addTenant(), product.addTenant()];
  product.simulator.world.setFaults([
    { call: "addPassword", kind: "answer", status: 400, code: "CredentialTypeNotAllowedAsPerAppPolicy" },
  ]);
  const { id, end } = await connect(product, other, { org });
  expect(outcomeOf(end)).toBe("secrets_forbidden_by_policy");
  await eventually(async () => (await call(org, `/${id}`)).body["cleanup"] === "done");
  product.simulator.world.setFaults([]);
  await connect(product, tenant, { org });
  const retry = await fetch(`${product.origin}/v1/admin/ms-provisions/${id}/retry`, {
    method: "POST",
    headers: { authorization: `Bearer ${operatorToken}` },
    body: JSON.stringify({ reason: "they asked" }),
  });
  expect([retry.status, ((await retry.json()) as { code: string }).code]).toEqual([409, "another_directory"]);
});

describe("start", () => {
  it.each([
    ["an id that nobody has", { connection: "sso_00000000000000000000000000000000" }, 404, "not_found"],
    ["what is no id", { connection: "sso_' or 1=1" }, 404, "not_found"],
    ["what no database takes", { connection: "sso_\u0000" }, 404, "not_found"],
    ["an empty id", { connection: "" }, 400, "invalid_request"],
    ["a number", { connection: 7 }, 400, "invalid_request"],
    ["null", { connection: null }, 400, "invalid_request"],
    ["a word for additional", { additional: "yes" }, 400, "invalid_request"],
    ["a name that is no text", { organization_name: 7 }, 400, "invalid_request"],
    ["no name", { organization_name: null }, 400, "invalid_request"],
    ["both wishes", { connection: "sso_x", additional: true }, 400, "invalid_request"],
  ])("refuses %s", async (_name, body, status, code) => {
    const answer = await call(newOrg(), "/start", body);
    expect([answer.status, answer.body["code"]]).toEqual([status, code]);
  });

  it.each([
    ["the body's", { organization_name: "  Acme\u0000\nGmbH  " }, "Acme GmbH"],
    ["a long one, cut", { organization_name: "é".repeat(1000) }, "é".repeat(256)],
    ["the session's where the body's is empty", { organization_name: " \u0007 " }, "Test & Söhne"],
    ["the session's where the body has none", {}, "Test & Söhne"],
  ])("takes as the organization's name %s", async (_name, body, name) => {
    const { body: started } = await call(newOrg(), "/start", body);
    const [row] =
      await product.sql`select org_name from ms_provision_requests where id = ${String(started["id"])}`;
    expect(row?.["org_name"]).toBe(name);
  });

  it("tells nothing of another organization's connection", async () => {
    const { connection } = await connected();
    const foreign = await call(newOrg(), "/start", { connection });
    const unknown = await call(newOrg(), "/start", { connection: "sso_00000000000000000000000000000000" });
    expect([foreign.status, unknown.status]).toEqual([404, 404]);
    const { request_id: _a, ...one } = foreign.body;
    const { request_id: _b, ...two } = unknown.body;
    expect(one).toEqual(two);
  });
});

describe("a reconnect that fails", () => {
  it("says that the connection was kept, whatever ended it", async () => {
    const { org, tenant } = await connected();
    const browser = new Browser();
    const { id, consent_url: url } = await start(product, browser, org);
    const state = new URL(url).searchParams.get("state") ?? "";
    await browser.request(
      `${product.origin}/v1/sso/microsoft/consent/callback?error=access_denied&state=${state}`,
    );
    const declined = await errorOf(org, id);
    expect(declined.error.detail).toMatch(/Nothing was changed\. Your existing connection was kept/);
    expect(await connectionsOf(org)).toEqual([{ id: expect.any(String), tenant: tenant.id }]);
    // Where nothing is connected there is nothing to keep.
    const first = newOrg();
    const other = await start(product, browser, first);
    const otherState = new URL(other.consent_url).searchParams.get("state") ?? "";
    await browser.request(
      `${product.origin}/v1/sso/microsoft/consent/callback?error=access_denied&state=${otherState}`,
    );
    expect((await errorOf(first, other.id)).error.detail).not.toContain("kept");
  });
});
