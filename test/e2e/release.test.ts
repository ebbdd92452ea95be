import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listRecentTenants } from "../../src/db/connection-operations/sweep.ts";
import { Browser } from "../../src/embedded/browser.ts";
import type { FaultKind } from "../../src/simulator/options.ts";
import {
  connect,
  consent,
  eventually,
  finish,
  liveApplications,
  operatorToken,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";
import {
  beginRelease,
  callOf,
  clickViewOf,
  type Connected,
  connected,
  disconnected,
  released,
  toldBy,
  viewOf,
} from "../support/release.ts";
import { beginSignIn, chooseUser } from "../support/sign-in.ts";

// Our own app leaves a customer's directory at the owner's wish, once an administrator of that directory proved to be here.

let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_CONFIRM_HOSTS: "app.example.com" });
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => product.simulator.world.setFaults([]));

const returnTo = "http://localhost/settings?tab=sso";
const rowsOf = async (id: string) => {
  const [click] = await product.sql`
    select intent, status, error_code, cleanup from ms_provision_requests where id = ${id}`;
  const [operation] = await product.sql`
    select kind, status, error_code, cleanup from connection_operations where request_id = ${id}`;
  return { click, operation };
};
const actionsOf = async (id: string) =>
  (await product.sql`select action from audit_events where request_id = ${id} order by id`).map(
    ({ action }) => action as string,
  );
const fault = (one: Connected, kind: FaultKind & { times?: number }) =>
  product.simulator.world.setTenantFaults(one.tenant.id, [{ call: "deleteServicePrincipal", ...kind }]);
const signsIn = async (one: Connected): Promise<number> => {
  const browser = new Browser();
  const base = `${product.origin}/v1/sso/connections/${one.id}`;
  const callback = await chooseUser(browser, one.tenant, await beginSignIn(browser, base));
  return (await browser.request(callback, { headers: { accept: "application/json" } })).status;
};

describe("a release", () => {
  it("removes our app, keeps the connection and people's sign-in, and says what does not work any more", async () => {
    const one = await connected(product);
    const { id, end } = await released(one);
    expect(toldBy(end)).toEqual({ ok: "microsoft_released", error: null });
    expect(end.searchParams.get("connection")).toBe(one.id);
    expect(one.tenant.consentedMs).toBeNull();
    expect(liveApplications(one.tenant)).toHaveLength(1);
    expect(await rowsOf(id)).toMatchObject({
      click: { intent: "release", status: "succeeded" },
      operation: { kind: "release", status: "succeeded", cleanup: "none" },
    });
    expect(await actionsOf(id)).toEqual(["release_started", "proved", "succeeded"]);
    const view = await viewOf(one);
    expect(view).toMatchObject({
      status: "active",
      access_released_at: expect.any(String) as string,
      needs_attention: { reasons: [{ code: "access_released", mended_by_connecting: true }] },
    });
    expect(view).not.toHaveProperty("operation");
    expect(await signsIn(one)).toBe(200);
    expect(await listRecentTenants(product.api.database)).not.toContain(one.tenant.id);
  });

  it("is told as events", async () => {
    const one = await connected(product);
    const { id } = await released(one);
    const answer = await fetch(`${product.origin}/v1/events?organization_id=${one.org}`, {
      headers: { authorization: `Bearer ${operatorToken}` },
    });
    const { data } = (await answer.json()) as { data: { event: string; data: { metadata: object } }[] };
    expect(data.map(({ event, data: { metadata } }) => [event, metadata]).slice(-2)).toEqual([
      ["sso.connection.needs_attention", { reasons: ["access_released"] }],
      ["sso.connection.updated", { kind: "release", provision_id: id }],
    ]);
  });

  it("asks for the approval again to connect again, which mends it under the same ids", async () => {
    const one = await connected(product);
    const before = liveApplications(one.tenant)[0]?.appId;
    await released(one);
    const started = await start(product, one.browser, one.org, { return_to: returnTo, connection: one.id });
    expect(new URL(started.consent_url).pathname).toBe("/organizations/v2.0/adminconsent");
    const end = await finish(one.browser, await consent(one.browser, started.consent_url, one.tenant));
    expect(toldBy(end)).toEqual({ ok: "microsoft_connected", error: null });
    expect(end.searchParams.get("connection")).toBe(one.id);
    const view = await viewOf(one);
    expect(view["oidc_client_id"]).toBe(before);
    expect(view).not.toHaveProperty("access_released_at");
    expect(view).not.toHaveProperty("needs_attention");
    expect(toldBy((await released(one)).end).ok).toBe("microsoft_released");
  });

  it("follows a disconnection, and then nothing can be restored", async () => {
    const one = await connected(product);
    await disconnected(one);
    expect(toldBy((await released(one)).end).ok).toBe("microsoft_released");
    expect(await viewOf(one)).toMatchObject({
      status: "disconnected",
      access_released_at: expect.any(String) as string,
    });
    const restored = await callOf(one, { path: "/restore" });
    expect([restored.status, restored.body["code"]]).toEqual([409, "access_released"]);
    expect(toldBy((await connect(product, one.tenant, { org: one.org })).end).ok).toBe("microsoft_connected");
  });

  it("keeps a suspended connection suspended", async () => {
    const one = await connected(product);
    await callOf(one, { method: "PATCH", body: { status: "suspended" } });
    expect(toldBy((await released(one)).end).ok).toBe("microsoft_released");
    expect(await viewOf(one)).toMatchObject({ status: "suspended" });
  });

  it("works with confirm binding, and only with the starter's session", async () => {
    const one = await connected(product);
    const body = { return_to: "https://app.example.com/settings", binding: "confirm" };
    const started = await beginRelease(one, { body });
    expect(started.body).toMatchObject({ binding: "confirm" });
    const { id, proof_url: proofUrl } = started.body;
    const end = await one.browser.follow(
      await one.browser.request(proofUrl),
      (url) => url.host === "app.example.com",
    );
    expect(one.tenant.consentedMs).not.toBeNull();
    const confirm = async (sub: string) => {
      const answer = await fetch(`${product.origin}/v1/session/orgs/${one.org}/ms-provision/${id}/confirm`, {
        method: "POST",
        headers: { authorization: `Bearer ${await product.session(one.org, "owner", { sub })}` },
        body: JSON.stringify({ ms_confirm: end.searchParams.get("ms_confirm") }),
      });
      return answer.status;
    };
    expect(await confirm("usr_2")).toBe(403);
    expect(await confirm("usr_1")).toBe(202);
    await eventually(async () => (await rowsOf(id)).click?.["status"] === "succeeded");
    expect(one.tenant.consentedMs).toBeNull();
  });
});

describe("Microsoft", () => {
  it.each([
    [403, "Authorization_RequestDenied"],
    [403, "DeniedByPolicy"],
    [400, "Request_BadRequest"],
  ])(
    "refuses the deletion (%i %s): the administrator gets the steps, and all goes on",
    async (status, code) => {
      const one = await connected(product);
      fault(one, { kind: "answer", status, code, times: 100 });
      const { id, end } = await released(one);
      expect(toldBy(end)).toEqual({ ok: null, error: "release_refused" });
      expect(await rowsOf(id)).toMatchObject({
        click: { status: "failed", error_code: "release_refused", cleanup: "none" },
        operation: { status: "failed", cleanup: "none" },
      });
      expect(await clickViewOf(one, id)).toMatchObject({
        error: {
          code: "release_refused",
          who: "entra_admin",
          action: expect.stringContaining("Enterprise applications") as string,
          microsoft: { code },
        },
        steps: [
          { name: "releaseAccess", state: "failed" },
          { name: "recordReleased", state: "pending" },
        ],
      });
      expect(await viewOf(one)).not.toHaveProperty("access_released_at");
      expect(toldBy((await connect(product, one.tenant, { org: one.org })).end).ok).toBe(
        "microsoft_connected",
      );
    },
  );

  it("did it and its answer was lost: the refusal of the next attempt is the confirmation", async () => {
    const one = await connected(product);
    fault(one, { kind: "drop", after: true, times: 1 });
    expect(toldBy((await released(one)).end).ok).toBe("microsoft_released");
    expect(one.tenant.consentedMs).toBeNull();
  });

  it("hiccups: it is tried again, and an operator may retry what failed", async () => {
    const one = await connected(product);
    fault(one, { kind: "answer", status: 503, times: 2 });
    expect(toldBy((await released(one)).end).ok).toBe("microsoft_released");
    const two = await connected(product);
    fault(two, { kind: "answer", status: 403, code: "Authorization_RequestDenied", times: 100 });
    const { id } = await released(two);
    product.simulator.world.setTenantFaults(two.tenant.id, []);
    const retry = async () =>
      fetch(`${product.origin}/v1/admin/ms-provisions/${id}/retry`, {
        method: "POST",
        headers: { authorization: `Bearer ${operatorToken}` },
        body: JSON.stringify({ reason: "once more" }),
      });
    const other = await connected(product, two.tenant);
    expect([(await retry()).status, ((await (await retry()).json()) as { code: string }).code]).toEqual([
      409,
      "directory_in_use",
    ]);
    await disconnected(other);
    expect((await retry()).status).toBe(202);
    await eventually(async () => (await rowsOf(id)).click?.["status"] === "succeeded");
    expect(two.tenant.consentedMs).toBeNull();
  });
});
