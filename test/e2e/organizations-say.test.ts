import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/domain/clock.ts";
import { Browser } from "../../src/embedded/browser.ts";
import {
  connect,
  consent,
  eventually,
  finish,
  liveApplications,
  newOrg,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";

// What an organization can do about its attempts when people change: their role, their browser, their mind.

let product: Product;
beforeAll(async () => {
  product = await startProduct({
    AUTHIO_CALLBACK_WAIT_MS: "500",
    AUTHIO_MS_CONSENT_RETURN_HOSTS: "localhost,127.0.0.1",
    AUTHIO_MS_CONFIRM_HOSTS: "127.0.0.1",
  });
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => product.simulator.world.setFaults([]));

type Who = { sub?: string; role?: "owner" | "admin" | "member" };

async function call(org: string, path: string, method: "GET" | "POST", who: Who = {}, body?: object) {
  const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await product.session(org, who.role, { sub: who.sub ?? "usr_1" })}`,
      origin: product.origin,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: answer.status,
    retryAfter: Number(answer.headers.get("retry-after")),
    body: (await answer.json()) as Record<string, unknown>,
  };
}
const cancel = (org: string, id: string, who: Who = { sub: "usr_owner" }) =>
  call(org, `/${id}/cancel`, "POST", who);
const rowOf = async (id: string) =>
  (await product.sql`select status, error_code, cleanup from ms_provision_requests where id = ${id}`)[0];

describe("an owner or admin cancels", () => {
  it("what waits for Microsoft: its state is burned, its place is free, the other's browser is told", async () => {
    const [org, tenant, browser] = [newOrg(), product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, org);
    for (let more = 1; more < 5; more += 1) await start(product, browser, org);
    const full = await call(org, "/start", "POST", { sub: "usr_owner" });
    expect(full.body["code"]).toBe("too_many_open_requests");
    const shown = await call(org, "", "GET", { sub: "usr_owner" });
    const open = shown.body["open_requests"] as Record<string, string>[];
    expect(open).toHaveLength(5);
    expect(open[0]).toEqual({
      id,
      status: "issued",
      started_by: "usr_1",
      created_at: expect.any(String) as unknown,
      expires_at: expect.any(String) as unknown,
    });

    const cancelled = await cancel(org, id, { sub: "usr_admin", role: "admin" });
    expect(cancelled.status).toBe(202);
    expect(cancelled.body).toMatchObject({ id, status: "failed", cleanup: "none" });
    expect(cancelled.body["error"]).toMatchObject({ code: "cancelled_by_organization", who: "you" });
    expect((await call(org, "/start", "POST", { sub: "usr_owner" })).status).toBe(201);
    const end = await finish(browser, await consent(browser, url, tenant));
    expect(end.searchParams.get("error")).toBe("cancelled_by_organization");
    expect(liveApplications(tenant)).toEqual([]);
    const [event] =
      await product.sql`select actor, action, detail from audit_events where request_id = ${id} and action = 'cancelled'`;
    expect(event).toEqual({
      actor: "user:usr_admin",
      action: "cancelled",
      detail: { code: "cancelled_by_organization" },
    });
  });

  it("a run under way: what it made is removed", async () => {
    product.simulator.world.setFaults([{ call: "addPassword", kind: "answer", status: 503, times: 999 }]);
    const [org, tenant, browser] = [newOrg(), product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, org);
    const callback = await consent(browser, url, tenant);
    await browser.follow(await browser.request(callback), (to) => to.pathname.includes("/provisions/"));
    await eventually(() => liveApplications(tenant).length === 1);
    const cancelled = await cancel(org, id);
    expect([cancelled.status, cancelled.body["status"]]).toEqual([202, "failed"]);
    await eventually(async () => (await rowOf(id))?.["cleanup"] === "done", 80_000);
    expect(liveApplications(tenant)).toEqual([]);
    expect((await rowOf(id))?.["error_code"]).toBe("cancelled_by_organization");
    expect((await cancel(org, id)).body["code"]).toBe("already_final");
  });

  it("a run whose order Temporal did not take", async () => {
    product.simulator.world.setFaults([{ call: "addPassword", kind: "answer", status: 503, times: 999 }]);
    const [org, tenant, browser] = [newOrg(), product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, org);
    const callback = await consent(browser, url, tenant);
    await browser.follow(await browser.request(callback), (to) => to.pathname.includes("/provisions/"));
    await eventually(() => liveApplications(tenant).length === 1);
    const away = { ...product.api.runs, cancel: () => Promise.reject(new Error("Temporal is away")) };
    const { cancel: stop } = await import("../../src/operations/cancel.ts");
    const { isTold } = await stop({
      ctx: { database: product.api.database, runs: away, clock: systemClock },
      input: { id: id as never, by: { kind: "user", id: "usr_owner" } },
    });
    expect(isTold).toBe(false);
    await eventually(async () => (await rowOf(id))?.["cleanup"] === "done", 80_000);
    expect(liveApplications(tenant)).toEqual([]);
  });

  it("nothing that has ended, is another organization's, an operation's or unknown; and a member nothing at all", async () => {
    const { org, id } = await connect(product, product.addTenant());
    expect((await cancel(org, id)).body).toMatchObject({ status: 409, code: "already_final" });
    expect((await rowOf(id))?.["status"]).toBe("succeeded");
    const { id: open } = await start(product, new Browser(), org);
    expect((await cancel(newOrg(), open)).status).toBe(404);
    expect((await cancel(org, "mspr_00000000000000000000000000000000")).status).toBe(404);
    expect((await cancel(org, "x")).status).toBe(404);
    expect((await cancel(org, open, { role: "member" })).body["code"]).toBe("insufficient_role");
    const [operation] = await product.sql`select id from connection_operations where org_id = ${org}`;
    expect((await cancel(org, String(operation?.["id"]))).status).toBe(404);
    expect((await rowOf(open))?.["status"]).toBe("issued");
    const shown = await call(org, "", "GET", { role: "member" });
    expect(shown.body["open_requests"]).toBeUndefined();
  });

  it("not by a cookie from another site", async () => {
    const org = newOrg();
    const { id } = await start(product, new Browser(), org);
    const cookie = `authio_session=${await product.session(org)}`;
    for (const headers of [{ cookie }, { cookie, origin: "https://evil.example" }])
      expect(
        (
          await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision/${id}/cancel`, {
            method: "POST",
            headers,
          })
        ).status,
      ).toBe(403);
    expect((await rowOf(id))?.["status"]).toBe("issued");
  });
});

describe("a person whose role was taken away", () => {
  it("cannot confirm, and what they began can be cancelled before an old session of theirs does", async () => {
    const [org, tenant, browser] = [newOrg(), product.addTenant(), new Browser()];
    const { id, consent_url: url } = await start(product, browser, org, {
      return_to: "http://127.0.0.1/settings",
      binding: "confirm",
    });
    const end = await finish(browser, await consent(browser, url, tenant));
    const body = { ms_confirm: end.searchParams.get("ms_confirm") };
    const refused = await call(org, `/${id}/confirm`, "POST", { role: "member" }, body);
    expect([refused.status, refused.body["code"]]).toEqual([403, "insufficient_role"]);
    expect((await rowOf(id))?.["status"]).toBe("unconfirmed");
    expect((await cancel(org, id)).status).toBe(202);
    const late = await call(org, `/${id}/confirm`, "POST", { role: "owner" }, body);
    expect(late.body).toMatchObject({ status: "failed", error: { code: "cancelled_by_organization" } });
    expect(liveApplications(tenant)).toEqual([]);
  });
});

describe("a day's starts", () => {
  it("leave the owner a share when one administrator has used theirs up", async () => {
    const org = newOrg();
    const fill = (sub: string, starts: number) => product.sql`
      insert into ms_provision_requests (id, sso_origin, project_id, org_id, started_by, binding, state_hash, status, error_code, expires_at, completed_at)
      select 'mspr_' || md5(random()::text), ${product.origin}, 'proj_test', ${org}, ${sub}, 'confirm', md5(random()::text), 'expired', 'request_expired', now(), now()
      from generate_series(1, ${starts})`;
    const startAs = (sub: string) => call(org, "/start", "POST", { sub });
    await fill("usr_busy", 19);
    expect((await startAs("usr_busy")).status).toBe(201);
    const refused = await startAs("usr_busy");
    expect([refused.status, refused.body["code"]]).toEqual([429, "daily_limit_reached"]);
    expect(refused.retryAfter).toBeGreaterThan(86_000);
    expect((await startAs("usr_owner")).status).toBe(201);
    // All of them together still have fifty.
    await fill("usr_other", 20);
    await fill("usr_third", 9);
    expect((await startAs("usr_owner")).body["code"]).toBe("daily_limit_reached");
  });
});

describe("a browser that changes hands", () => {
  it("does not finish what the person before began", async () => {
    const [tenant, browser, org, other] = [product.addTenant(), new Browser(), newOrg(), newOrg()];
    const { id, consent_url: url } = await start(product, browser, org);
    const started = await browser.request(`${product.origin}/v1/session/orgs/${other}/ms-provision/start`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${await product.session(other, "owner", { sub: "usr_2" })}`,
        origin: product.origin,
      },
    });
    expect(started.status).toBe(201);
    await browser.followAll(await browser.request(await consent(browser, url, tenant)));
    expect(await rowOf(id)).toMatchObject({ status: "refused", error_code: "wrong_browser" });
    expect(liveApplications(tenant)).toEqual([]);
  });

  it("finishes two attempts of one person in two tabs", async () => {
    const browser = new Browser();
    const [one, two] = [newOrg(), newOrg()];
    const first = await start(product, browser, one);
    const second = await start(product, browser, two);
    for (const { consent_url: url } of [first, second]) {
      const end = await finish(browser, await consent(browser, url, product.addTenant()));
      expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    }
  });
});
