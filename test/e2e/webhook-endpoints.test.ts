import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/product.ts";
import { type Received, startReceiver } from "../support/receiver.ts";
import { newConnection, startWebhooks, verify } from "../support/webhooks.ts";

// Webhook endpoints: what an operator registers, what is refused, and what he does with them.

let hooks: Awaited<ReturnType<typeof startWebhooks>>;
beforeAll(async () => void (hooks = await startWebhooks()));
afterAll(() => hooks.product.stop());

describe("an endpoint", () => {
  it("is added with a secret that is shown once and sealed, listed, and removed", async () => {
    const { status, body } = await hooks.call("POST", "", {
      url: "http://127.0.0.1:9/hook",
      events: ["sso.connection.suspended"],
      description: "the dashboard's",
    });
    expect(status).toBe(201);
    expect(body["secret"]).toMatch(/^whsec_[\w-]{43}$/);
    const { secret, ...rest } = body;
    expect(await hooks.endpointOf({ id: String(body["id"]) })).toEqual(rest);
    expect(rest).toMatchObject({
      id: expect.stringMatching(/^whk_[0-9a-f]{32}$/) as unknown,
      events: ["sso.connection.suspended"],
      status: "on",
      created_by: "tess",
      description: "the dashboard's",
    });
    const rows = await hooks.product.sql`select * from webhook_endpoints where id = ${String(body["id"])}`;
    expect(rows[0]?.["sealed_secret"]).toMatch(/^asv1\./);
    expect(JSON.stringify([rows, hooks.product.lines])).not.toContain(String(secret));
    expect((await hooks.call("DELETE", `/${String(body["id"])}`)).status).toBe(204);
    expect((await hooks.call("DELETE", `/${String(body["id"])}`)).status).toBe(404);
  });

  it("is for operators, and a malformed call is told what is wrong", async () => {
    expect((await hooks.call("GET", "", undefined, "x".repeat(30))).status).toBe(401);
    for (const [body, path] of [
      [{}, "url"],
      [{ url: "https://a.example", events: ["nothing"] }, "events.0"],
      [{ url: "https://a.example", secret: "mine" }, "secret"],
      [{ url: "https://a.example", description: "\u0000" }, "description"],
    ] as const) {
      const answer = await hooks.call("POST", "", body);
      expect([answer.status, (answer.body["errors"] as { path: string }[])[0]?.path]).toEqual([400, path]);
    }
    for (const path of ["/whk_none/test", "/whk_none/rotate"])
      expect((await hooks.call("POST", path)).body["code"]).toBe("not_found");
    expect((await hooks.call("POST", "/whk_none/replay", { from: new Date().toISOString() })).status).toBe(
      404,
    );
  });

  it.each([
    ["plain http", "http://hooks.example/"],
    ["a user", "https://user@hooks.example/"],
    ["a fragment", "https://hooks.example/#a"],
    ["another scheme", "ftp://hooks.example/"],
    ["a private address", "https://10.0.0.1/"],
    ["an address in octal", "https://012.0.0.1/"],
    ["an address as one number", "https://167772161/"],
    ["a mapped address", "https://[::ffff:10.0.0.1]/"],
    ["cloud metadata", "https://169.254.169.254/"],
    ["a name that leads nowhere", "https://nowhere.example/"],
    ["a name that leads inside", "https://inside.example/"],
    ["a name that leads outside and inside", "https://both.example/"],
    ["a name that leads to NAT64", "https://nat64.example/"],
  ])("at %s is refused", async (_what, url) => {
    hooks.names.set("hooks.example", ["8.8.8.8"]);
    hooks.names.set("inside.example", ["192.168.1.1"]);
    hooks.names.set("both.example", ["8.8.8.8", "fd00::1"]);
    hooks.names.set("nat64.example", ["64:ff9b::a00:1"]);
    expect((await hooks.call("POST", "", { url })).body["code"]).toBe("webhook_url_not_allowed");
  });

  it("at a public name is taken", async () => {
    hooks.names.set("hooks.example", ["8.8.8.8", "2606:4700::1111"]);
    const { id } = await hooks.add("https://hooks.example/");
    await hooks.call("DELETE", `/${id}`);
  });
});

describe("an operator", () => {
  it("sends a test, which is told from an event", async () => {
    await hooks.withReceiver(undefined, async (receiver, endpoint) => {
      const { body } = await hooks.call("POST", `/${endpoint.id}/test`);
      await eventually(() => receiver.received.length === 1);
      expect(verify(receiver.received[0] as Received, endpoint.secret)).toMatchObject({
        action: "webhook.test",
        target_id: endpoint.id,
      });
      await eventually(async () => (await hooks.deliveriesOf(endpoint))[0]?.["status"] === "delivered");
      expect((await hooks.deliveriesOf(endpoint))[0]).toMatchObject({
        id: body["delivery_id"],
        kind: "test",
        last_status: 204,
      });
    });
  });

  it("stays on where a test failed long ago and the first event since then fails once", async () => {
    await hooks.withReceiver(
      () => 503,
      async (receiver, endpoint) => {
        await hooks.call("POST", `/${endpoint.id}/test`);
        await eventually(async () => (await hooks.deliveriesOf(endpoint))[0]?.["status"] === "failed");
        await hooks.product
          .sql`update webhook_endpoints set failing_since = now() - interval '10 days' where id = ${endpoint.id}`;
        const connection = newConnection();
        receiver.answer(() => (receiver.of(connection).length > 1 ? 204 : 503));
        await hooks.happen(connection);
        await eventually(async () => (await hooks.deliveriesOf(endpoint))[0]?.["attempts"] !== 0);
        expect(await hooks.endpointOf(endpoint)).toMatchObject({ status: "on" });
        await eventually(async () => (await hooks.deliveriesOf(endpoint))[0]?.["status"] === "delivered");
        expect(await hooks.endpointOf(endpoint)).not.toHaveProperty("failing_since");
      },
    );
  });

  it("replays a time, in order, and each event is known by its id", async () => {
    const from = new Date();
    await hooks.withReceiver(undefined, async (receiver, endpoint) => {
      const connection = newConnection();
      for (const action of ["suspended", "resumed"]) await hooks.happen(connection, action);
      await eventually(() => receiver.of(connection).length === 2);
      const { body } = await hooks.call("POST", `/${endpoint.id}/replay`, { from: from.toISOString() });
      expect(Number(body["queued"])).toBeGreaterThanOrEqual(2);
      await eventually(() => receiver.of(connection).length === 4);
      const ids = receiver.of(connection).map(({ event }) => event.id);
      expect(ids.slice(2)).toEqual(ids.slice(0, 2));
      for (const wrong of ["yesterday", "2026-11-28", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01"])
        for (const wish of [{ from: wrong }, { from: "2026-11-28T00:00:00Z", to: wrong }])
          expect((await hooks.call("POST", `/${endpoint.id}/replay`, wish)).status).toBe(400);
      expect((await hooks.call("POST", `/${endpoint.id}/replay`, { delivery_id: "whd_999999" })).status).toBe(
        404,
      );
    });
  });

  it("rotates the secret: both are good for a day, then the new one alone", async () => {
    await hooks.withReceiver(undefined, async (receiver, endpoint) => {
      const { body } = await hooks.call("POST", `/${endpoint.id}/rotate`);
      const rotated = String(body["secret"]);
      expect(rotated).not.toBe(endpoint.secret);
      const untilMs = Date.parse(String(body["previous_secret_until"])) - Date.now();
      expect(untilMs).toBeGreaterThan(23 * 3_600_000);
      const connection = newConnection();
      await hooks.happen(connection);
      await eventually(() => receiver.of(connection).length === 1);
      const [during] = receiver.of(connection) as [Received];
      expect(String(during.headers["authio-signature"]).match(/v1=/g)).toHaveLength(2);
      for (const secret of [endpoint.secret, rotated]) verify(during, secret);
      await hooks.product.sql`update webhook_endpoints set previous_until = now() where id = ${endpoint.id}`;
      await hooks.happen(connection, "resumed");
      await eventually(() => receiver.of(connection).length === 2);
      const after = receiver.of(connection)[1] as Received;
      verify(after, rotated);
      expect(() => verify(after, endpoint.secret)).toThrow();
    });
  });

  it("whose row was given another address gets nothing signed", async () => {
    const elsewhere = await startReceiver();
    await hooks.withReceiver(undefined, async (_receiver, endpoint) => {
      await hooks.product.sql`update webhook_endpoints set url = ${elsewhere.url} where id = ${endpoint.id}`;
      await hooks.happen(newConnection());
      await new Promise((resolve) => setTimeout(resolve, 4000));
      expect(elsewhere.received).toEqual([]);
      expect(hooks.product.lines.some((line) => line.includes("wait for a repair"))).toBe(true);
    });
    await elsewhere.stop();
  });
});
