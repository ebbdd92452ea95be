import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { noRealism } from "../../src/simulator/options.ts";
import {
  connect,
  eventually,
  liveApplications,
  operatorToken,
  type Product,
  startProduct,
} from "../support/product.ts";
import type { Connected } from "../support/operators.ts";
import { removalsOf } from "../support/removals.ts";
import { beginSignIn, chooseUser } from "../support/sign-in.ts";

// A connection is switched off for good, and brought back within 30 days.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => {
  product.simulator.world.setFaults([]);
  product.simulator.world.realism = noRealism;
});

const { connected, call, rowOf, operationOf, ended } = removalsOf(() => product);
async function disconnected(): Promise<Connected> {
  const one = await connected();
  expect((await call(one, "DELETE")).status).toBe(202);
  expect(await ended(one, "disconnect")).toMatchObject({ status: "succeeded", cleanup: "done" });
  return one;
}
async function signIn(one: Connected): Promise<Record<string, unknown>> {
  const browser = new Browser();
  const base = `${product.origin}/v1/sso/connections/${one.id}`;
  const microsoft = await beginSignIn(browser, base);
  if (microsoft === "") return {};
  const answer = await browser.request(await chooseUser(browser, one.tenant, microsoft), {
    headers: { accept: "application/json" },
  });
  return (await answer.json()) as Record<string, unknown>;
}

describe("disconnecting", () => {
  it("signs nobody in from the next request on, removes application and secret, and tells", async () => {
    const one = await connected();
    const [application] = liveApplications(one.tenant);
    const sub = (await signIn(one))["sub"];
    expect(sub).toMatch(/^u_/);
    const answer = await call(one, "DELETE");
    expect(answer).toMatchObject({ status: 202, body: { operation: { kind: "disconnect" } } });
    expect(await rowOf(one)).toMatchObject({ status: "disconnected", sealed_secret: null });
    expect((await signIn(one))["sub"]).toBeUndefined();
    expect(await ended(one, "disconnect")).toMatchObject({ status: "succeeded", cleanup: "done" });
    expect(application?.deletedMs).not.toBeNull();
    expect(application?.credentials).toEqual([]);
    const view = await call(one, "GET");
    expect(view.body).toMatchObject({ status: "disconnected" });
    expect(view.body).toHaveProperty("restorable_until");
    expect(view.body).not.toHaveProperty("operation");
    const events = (await (
      await fetch(`${product.origin}/v1/events?organization_id=${one.org}`, {
        headers: { authorization: `Bearer ${operatorToken}` },
      })
    ).json()) as { data: { event: string }[] };
    expect(events.data.map(({ event }) => event)).toContain("sso.connection.deleted");
  });

  it("is for owners and admins of its organization; a second call finds the first operation", async () => {
    const [one, other] = [await connected(), await connected()];
    expect((await call(one, "DELETE", { role: "member" })).body["code"]).toBe("insufficient_role");
    expect((await call(one, "DELETE", { is_impersonation: true })).body["code"]).toBe(
      "impersonation_not_allowed",
    );
    expect((await call({ ...one, id: other.id }, "DELETE")).body["code"]).toBe("not_found");
    expect((await rowOf(one))?.["status"]).toBe("active");
    const [first, second] = [await call(one, "DELETE"), await call(one, "DELETE")];
    const idOf = ({ body }: typeof first) => (body["operation"] as { id: string }).id;
    expect(idOf(second)).toBe(idOf(first));
    await ended(one, "disconnect");
  });

  it("closes what is in hand for it, and connecting anew gets a new connection", async () => {
    const one = await connected();
    product.simulator.world.setTenantFaults(one.tenant.id, [
      { call: "addPassword", kind: "answer", status: 503, times: 1_000_000 },
    ]);
    const reconnect = connect(product, one.tenant, { org: one.org });
    await eventually(async () => (await operationOf(one, "connect"))?.["status"] === "running");
    expect((await call(one, "DELETE")).status).toBe(202);
    expect((await reconnect).end.searchParams.get("error")).toBe("connection_disconnected");
    product.simulator.world.setTenantFaults(one.tenant.id, []);
    expect(await ended(one, "disconnect")).toMatchObject({ status: "succeeded" });
    const { end } = await connect(product, one.tenant, { org: one.org });
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(end.searchParams.get("connection")).not.toBe(one.id);
    expect(liveApplications(one.tenant)).toHaveLength(1);
    expect((await call(one, "POST")).body["code"]).toBe("newer_connection_exists");
    const newer = { ...one, id: end.searchParams.get("connection") ?? "" };
    // Also where the clock was set back in between.
    await product.sql`update sso_connections set created_at = created_at - interval '1 hour' where id = ${newer.id}`;
    expect((await call(one, "POST")).body["code"]).toBe("newer_connection_exists");
    await product.sql`update sso_connections set created_at = created_at + interval '1 hour' where id = ${newer.id}`;
    // Also once that one is gone: it is the one that can be brought back.
    expect((await call(newer, "DELETE")).status).toBe(202);
    await ended(newer, "disconnect");
    expect(await call(one, "POST")).toMatchObject({
      status: 409,
      body: { code: "newer_connection_exists" },
    });
    expect((await call(one, "GET")).body).not.toHaveProperty("restorable_until");
    expect((await call(newer, "POST")).status).toBe(202);
    expect(await ended(newer, "restore")).toMatchObject({ status: "succeeded" });
  });

  it("succeeds here where the consent is gone, and lists what is left there", async () => {
    const one = await connected();
    const [application] = liveApplications(one.tenant);
    // A worker that holds no token of before.
    await product.stopWorkers();
    one.tenant.consentedMs = null;
    expect((await call(one, "DELETE")).status).toBe(202);
    await product.startWorker();
    expect(await ended(one, "disconnect")).toMatchObject({
      status: "succeeded",
      cleanup: "needs_operator",
      app_object_id: application?.id,
    });
    expect((await rowOf(one))?.["status"]).toBe("disconnected");
    expect(application?.deletedMs).toBeNull();
  });

  it("that was given up is finished by an operator's retry", async () => {
    const one = await connected();
    product.simulator.world.setTenantFaults(one.tenant.id, [
      { call: "deleteApplication", kind: "answer", status: 503, times: 1_000_000 },
    ]);
    await call(one, "DELETE");
    const id = String((await operationOf(one, "disconnect"))?.["id"]);
    const order = async (verb: "cancel" | "retry") =>
      fetch(`${product.origin}/v1/admin/ms-provisions/${id}/${verb}`, {
        method: "POST",
        headers: { authorization: `Bearer ${operatorToken}` },
        body: JSON.stringify({ reason: "a test" }),
      });
    expect((await order("cancel")).status).toBe(202);
    await eventually(async () => (await operationOf(one, "disconnect"))?.["status"] === "failed");
    product.simulator.world.setTenantFaults(one.tenant.id, []);
    await eventually(async () => (await order("retry")).status === 202);
    expect(await ended(one, "disconnect")).toMatchObject({ status: "succeeded", cleanup: "done" });
    expect(liveApplications(one.tenant)).toEqual([]);
  });

  it("outlasts Microsoft being away", async () => {
    const one = await connected();
    product.simulator.world.setTenantFaults(one.tenant.id, [
      { call: "deleteApplication", kind: "answer", status: 503, times: 2 },
      { call: "deleteApplication", kind: "hang", times: 1 },
    ]);
    expect((await call(one, "DELETE")).status).toBe(202);
    expect(await ended(one, "disconnect")).toMatchObject({ status: "succeeded", cleanup: "done" });
    expect(liveApplications(one.tenant)).toEqual([]);
  });
});

describe("restoring", () => {
  it("brings back application, ids and people's sub, with a new secret and without the old ones", async () => {
    const one = await connected();
    const before = await rowOf(one);
    const sub = (await signIn(one))["sub"];
    const [application] = liveApplications(one.tenant);
    const oldCredentials = structuredClone(application?.credentials ?? []);
    await call(one, "DELETE");
    await ended(one, "disconnect");
    // Somebody else's way to the application: what a backup holds would open it again.
    application?.credentials.push(...oldCredentials);
    expect(await call(one, "POST")).toMatchObject({ status: 202, body: { operation: { kind: "restore" } } });
    expect(await ended(one, "restore")).toMatchObject({ status: "succeeded" });
    const after = await rowOf(one);
    expect(after).toMatchObject({
      status: "active",
      disconnected_at: null,
      app_object_id: before?.["app_object_id"],
      app_id: before?.["app_id"],
      service_principal_id: before?.["service_principal_id"],
    });
    expect(after?.["secret_key_id"]).not.toBe(before?.["secret_key_id"]);
    expect(application?.credentials.map(({ keyId }) => keyId)).toEqual([after?.["secret_key_id"]]);
    expect((await signIn(one))["sub"]).toBe(sub);
    const actions =
      await product.sql`select action, detail ->> 'kind' as kind from audit_events where connection_id = ${one.id} and action in ('disconnected', 'restore_started', 'succeeded') order by id`;
    expect(actions.map(({ action, kind }) => `${String(action)} ${String(kind)}`)).toEqual([
      "succeeded connect",
      "disconnected null",
      "succeeded disconnect",
      "restore_started null",
      "succeeded restore",
    ]);
  });

  it("is refused for a live connection, a member, and after 30 days", async () => {
    const live = await connected();
    expect((await call(live, "POST")).body["code"]).toBe("not_disconnected");
    const one = await disconnected();
    expect((await call(one, "POST", { role: "member" })).body["code"]).toBe("insufficient_role");
    await product.sql`update sso_connections set disconnected_at = now() - interval '31 days' where id = ${one.id}`;
    expect(await call(one, "POST")).toMatchObject({ status: 410, body: { code: "restore_window_over" } });
  });

  it("that fails leaves nothing at Microsoft and the connection disconnected", async () => {
    const one = await disconnected();
    product.simulator.world.setTenantFaults(one.tenant.id, [
      {
        call: "addPassword",
        kind: "answer",
        status: 400,
        code: "CredentialTypeNotAllowedAsPerAppPolicy",
        times: 1_000_000,
      },
    ]);
    expect((await call(one, "POST")).status).toBe(202);
    expect(await ended(one, "restore")).toMatchObject({
      status: "failed",
      error_code: "secrets_forbidden_by_policy",
      cleanup: "done",
    });
    expect(liveApplications(one.tenant)).toEqual([]);
    expect((await rowOf(one))?.["status"]).toBe("disconnected");
    product.simulator.world.setTenantFaults(one.tenant.id, []);
    expect((await call(one, "POST")).status).toBe(202);
    await eventually(async () => (await rowOf(one))?.["status"] === "active");
  });

  it("says so where the application was removed for good", async () => {
    const one = await disconnected();
    one.tenant.applications.splice(0);
    expect((await call(one, "POST")).status).toBe(202);
    const id = String((await operationOf(one, "restore"))?.["id"]);
    const session = await product.session(one.org);
    const step = async () => {
      const answer = await fetch(`${product.origin}/v1/session/orgs/${one.org}/ms-provision/${id}`, {
        headers: { authorization: `Bearer ${session}` },
      });
      return ((await answer.json()) as { steps: { name: string; state: string; note?: string }[] }).steps[0];
    };
    // Microsoft's lists lag, so it is looked for some time; a person need not wait for that.
    await eventually(async () => (await step())?.state === "retrying");
    expect(await step()).toMatchObject({
      name: "restoreApplication",
      note: "The application is gone from your directory",
    });
    const stop = await fetch(`${product.origin}/v1/admin/ms-provisions/${id}/cancel`, {
      method: "POST",
      headers: { authorization: `Bearer ${operatorToken}` },
      body: JSON.stringify({ reason: "it is gone" }),
    });
    expect(stop.status).toBe(202);
    expect(await ended(one, "restore")).toMatchObject({
      status: "failed",
      error_code: "cancelled_by_operator",
    });
    expect((await rowOf(one))?.["status"]).toBe("disconnected");
  });
});
