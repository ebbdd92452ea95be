import { writeFileSync } from "node:fs";
import path from "node:path";
import proto from "@temporalio/proto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { placeEvents } from "../../src/db/events.ts";
import { eventually } from "../support/product.ts";
import { type Received, startReceiver } from "../support/receiver.ts";
import { newConnection, startWebhooks, verify } from "../support/webhooks.ts";

// Deliveries: what receivers get, in which order, and what they cannot make us do.

let hooks: Awaited<ReturnType<typeof startWebhooks>>;
beforeAll(async () => void (hooks = await startWebhooks()));
afterAll(() => hooks.product.stop());

describe("a delivery", () => {
  it("is signed as the platform signs, in its shape, and verified by a library of others", async () => {
    await hooks.withReceiver(undefined, async (receiver, { id, secret }) => {
      const connection = newConnection();
      await hooks.happen(connection, "suspended", "org_told");
      await eventually(() => receiver.of(connection).length === 1);
      const [one] = receiver.of(connection) as [Received];
      expect(verify(one, secret)).toMatchObject({
        id: expect.stringMatching(/^evt_\d+$/) as string,
        action: "sso.connection.suspended",
        project_id: "proj_test",
        organization_id: "org_told",
        user_id: "usr_9",
        target_type: "sso_connection",
        target_id: connection,
        metadata: {},
        actor: { type: "user", id: "usr_9" },
      });
      expect(() => verify(one, `${secret}x`)).toThrow();
      expect(() => verify({ ...one, body: `${one.body} ` }, secret)).toThrow();
      expect(one.headers).toMatchObject({
        "content-type": "application/json",
        "authio-webhook-endpoint": id,
        "authio-event": "sso.connection.suspended",
        "authio-event-id": one.event.id,
      });
      await eventually(async () => (await hooks.deliveriesOf({ id }))[0]?.["status"] === "delivered");
      const handle = hooks.product.temporal.workflow.getHandle(`deliver-webhooks-${id}`);
      const history = JSON.stringify(await handle.fetchHistory());
      for (const hidden of [secret, connection, "usr_9", "org_told", "127.0.0.1"])
        expect(history).not.toContain(hidden);
    });
  });

  it("goes to endpoints that asked for its name", async () => {
    const receiver = await startReceiver();
    const endpoint = await hooks.add(receiver.url, ["sso.connection.updated"]);
    const connection = newConnection();
    for (const action of ["suspended", "resumed"]) await hooks.happen(connection, action);
    await eventually(() => receiver.received.length > 0);
    expect(receiver.of(connection).map(({ event }) => event.action)).toEqual(["sso.connection.updated"]);
    expect((await hooks.deliveriesOf(endpoint)).length).toBe(1);
    await hooks.call("DELETE", `/${endpoint.id}`);
    await receiver.stop();
  });

  it("comes again after 500, in order for its connection, while other connections go on", async () => {
    const [held, free] = [newConnection(), newConnection()];
    let isMended = false;
    await hooks.withReceiver(
      ({ event }) => (event.target_id === held && !isMended ? 500 : 204),
      async (receiver, endpoint) => {
        for (const action of ["suspended", "resumed", "renamed"]) await hooks.happen(held, action);
        for (const action of ["suspended", "resumed"]) await hooks.happen(free, action);
        await eventually(() => receiver.of(free).length === 2 && receiver.of(held).length >= 3);
        isMended = true;
        await eventually(async () =>
          (await hooks.deliveriesOf(endpoint)).every((one) => one["status"] === "delivered"),
        );
        const [first, ...rest] = receiver.of(held);
        expect(new Set(rest.slice(0, -2).map(({ event }) => event.id))).toEqual(new Set([first?.event.id]));
        expect(first?.event.action).toBe("sso.connection.suspended");
        expect(rest.slice(-2).map(({ event }) => event.action)).toEqual([
          "sso.connection.updated",
          "sso.connection.updated",
        ]);
        expect(receiver.of(free).map(({ event }) => event.action)).toEqual([
          "sso.connection.suspended",
          "sso.connection.updated",
        ]);
        for (const one of receiver.received) verify(one, endpoint.secret);
        const handle = hooks.product.temporal.workflow.getHandle(`deliver-webhooks-${endpoint.id}`);
        await eventually(async () => (await handle.describe()).status.name === "COMPLETED");
        // As in e2e/histories: kept for the replay test.
        if (process.env["RECORD_HISTORIES"] === "1")
          writeFileSync(
            path.join(import.meta.dirname, "../replay/histories/delivered.pb"),
            proto.temporal.api.history.v1.History.encode(await handle.fetchHistory()).finish(),
          );
      },
    );
  });

  it("to an endpoint that hangs holds up no other endpoint", async () => {
    await hooks.withReceiver(
      () => "hang",
      async (slow, endpoint) =>
        hooks.withReceiver(undefined, async (quick) => {
          const connections = Array.from({ length: 12 }, newConnection);
          for (const connection of connections) await hooks.happen(connection);
          await eventually(() => quick.received.length === connections.length, 20_000);
          expect(slow.received.length).toBeLessThanOrEqual(5);
          await eventually(
            async () => (await hooks.deliveriesOf(endpoint)).some((one) => one["last_error"] === "timeout"),
            20_000,
          );
        }),
    );
  });

  it.each([302, 307, 308])("follows no redirect (%s), inside or elsewhere", async (status) => {
    const inside = await startReceiver();
    await hooks.withReceiver(
      () => (answer) => void answer.writeHead(status, { location: inside.url }).end(),
      async (_receiver, endpoint) => {
        await hooks.happen(newConnection());
        await eventually(async () => Number((await hooks.deliveriesOf(endpoint))[0]?.["attempts"]) >= 2);
        expect((await hooks.deliveriesOf(endpoint))[0]).toMatchObject({
          status: "waiting",
          last_status: status,
          last_error: "redirect",
        });
        expect(inside.received).toEqual([]);
      },
    );
    await inside.stop();
  });

  it("resolves anew at each attempt: a name that has come to lead inside gets nothing", async () => {
    const receiver = await startReceiver(() => 500);
    hooks.names.set("moving.example", ["127.0.0.1"]);
    const endpoint = await hooks.add(`http://moving.example:${receiver.port}/hook`);
    await hooks.happen(newConnection());
    await eventually(() => receiver.received.length > 0);
    expect(receiver.received[0]?.headers.host).toBe(`moving.example:${receiver.port}`);
    hooks.names.set("moving.example", ["127.0.0.1", "10.0.0.1"]);
    await eventually(
      async () => (await hooks.deliveriesOf(endpoint))[0]?.["last_error"] === "address_not_allowed",
    );
    const soFar = receiver.received.length;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(receiver.received.length).toBe(soFar);
    receiver.answer(() => 200);
    hooks.names.set("moving.example", ["127.0.0.1"]);
    await eventually(async () => (await hooks.deliveriesOf(endpoint))[0]?.["status"] === "delivered");
    await hooks.call("DELETE", `/${endpoint.id}`);
    await receiver.stop();
  });

  it("reads no long answer", async () => {
    let written = 0;
    await hooks.withReceiver(
      () => (answer) => {
        answer.writeHead(200);
        const more = (error?: Error | null): void => {
          if (error || answer.destroyed || written > 200_000_000) return;
          written += 65_536;
          answer.write(Buffer.alloc(65_536), more);
        };
        more();
      },
      async (_receiver, endpoint) => {
        await hooks.happen(newConnection());
        await eventually(async () => (await hooks.deliveriesOf(endpoint))[0]?.["status"] === "delivered");
        expect(written).toBeLessThan(50_000_000);
      },
    );
  });
});

describe("an endpoint that does not take what it asked for", () => {
  it("is off at once after 410, is said, and a test that is accepted switches it on", async () => {
    await hooks.withReceiver(
      () => 410,
      async (receiver, endpoint) => {
        const connection = newConnection();
        await hooks.happen(connection);
        await eventually(async () => (await hooks.endpointOf(endpoint))?.["status"] === "off");
        expect((await hooks.endpointOf(endpoint))?.["off_reason"]).toBe("gone");
        await eventually(() =>
          hooks.product.lines.some((line) => line.includes(`${endpoint.id} is switched off`)),
        );
        await hooks.happen(connection, "resumed");
        receiver.answer(() => 204);
        await new Promise((resolve) => setTimeout(resolve, 3000));
        expect(receiver.received).toHaveLength(1);
        expect((await hooks.call("POST", `/${endpoint.id}/test`)).status).toBe(202);
        await eventually(async () => (await hooks.endpointOf(endpoint))?.["status"] === "on");
        // What had waited is sent; what happened while it was off is replayed on demand.
        await eventually(() => receiver.of(connection).length === 2);
        expect(receiver.received.map(({ event }) => event.action)).toEqual([
          "sso.connection.suspended",
          "webhook.test",
          "sso.connection.suspended",
        ]);
      },
    );
  });

  it("is off after five days without any success, and its test says so while it fails", async () => {
    await hooks.withReceiver(
      () => 503,
      async (receiver, endpoint) => {
        await hooks.happen(newConnection());
        await eventually(() => receiver.received.length > 0);
        await hooks.product
          .sql`update webhook_endpoints set failing_since = now() - interval '5 days 1 minute' where id = ${endpoint.id}`;
        await eventually(async () => (await hooks.endpointOf(endpoint))?.["off_reason"] === "failing");
        await hooks.call("POST", `/${endpoint.id}/test`);
        await eventually(async () => (await hooks.deliveriesOf(endpoint))[0]?.["status"] === "failed");
        expect((await hooks.deliveriesOf(endpoint))[0]).toMatchObject({
          kind: "test",
          attempts: 1,
          last_status: 503,
        });
        expect((await hooks.endpointOf(endpoint))?.["status"]).toBe("off");
      },
    );
  });

  it("that refuses one event alone stays on; that one is given up after five days and can be replayed", async () => {
    const [bad, good] = [newConnection(), newConnection()];
    await hooks.withReceiver(
      ({ event }) => (event.target_id === bad ? 500 : 200),
      async (receiver, endpoint) => {
        await hooks.happen(bad);
        await eventually(() => receiver.of(bad).length > 0);
        await hooks.product
          .sql`update webhook_deliveries set first_failed_at = now() - interval '5 days 1 minute' where endpoint_id = ${endpoint.id}`;
        await eventually(async () => (await hooks.deliveriesOf(endpoint))[0]?.["status"] === "failed");
        await hooks.happen(good);
        await eventually(() => receiver.of(good).length === 1);
        expect((await hooks.endpointOf(endpoint))?.["status"]).toBe("on");
        receiver.answer(() => 200);
        const given = (await hooks.deliveriesOf(endpoint)).find((one) => one["status"] === "failed");
        const soFar = receiver.of(bad).length;
        expect(
          (await hooks.call("POST", `/${endpoint.id}/replay`, { delivery_id: given?.["id"] })).body,
        ).toEqual({
          queued: 1,
        });
        await eventually(() => receiver.of(bad).length === soFar + 1);
        expect(receiver.of(bad).at(-1)?.event.id).toBe(receiver.of(bad)[0]?.event.id);
      },
    );
  });
});

describe("nothing is lost", () => {
  it("when every worker is gone between an event's commit and its delivery", async () => {
    await hooks.withReceiver(undefined, async (receiver, endpoint) => {
      await hooks.product.stopWorkers();
      const connection = newConnection();
      await hooks.happen(connection);
      // The place in the feed and the delivery are one commit, whoever makes it.
      const database = openDatabase(hooks.product.environment["DATABASE_URL"] ?? "");
      expect(await placeEvents(database)).toBeGreaterThan(0);
      await database.close();
      expect((await hooks.deliveriesOf(endpoint)).map((one) => one["status"])).toEqual(["waiting"]);
      expect(receiver.received).toEqual([]);
      await hooks.startWorker();
      await eventually(() => receiver.of(connection).length === 1);
    });
  });

  it("when its deliveries cannot be written: then it has no place either, and gets both later", async () => {
    await hooks.withReceiver(undefined, async (receiver) => {
      const { product } = hooks;
      const connection = newConnection();
      await product.sql`revoke insert on webhook_deliveries from authio_runtime`;
      await hooks.happen(connection);
      await new Promise((resolve) => setTimeout(resolve, 4000));
      const placed =
        await product.sql`select from events join audit_events on audit_events.id = audit_id where connection_id = ${connection}`;
      await product.sql`grant insert on webhook_deliveries to authio_runtime`;
      expect(placed).toHaveLength(0);
      await eventually(() => receiver.of(connection).length === 1);
    });
  });

  it("when a row is committed after later ones have been delivered", async () => {
    await hooks.withReceiver(undefined, async (receiver) => {
      const [early, late] = [newConnection(), newConnection()];
      await hooks.product.sql.begin(async (open) => {
        await open`insert into audit_events (actor, action, project_id, org_id, connection_id, generation)
          values ('system', 'suspended', 'p', 'o', ${late}, 0)`;
        const database = openDatabase(hooks.product.environment["DATABASE_URL"] ?? "");
        await database.run((q) =>
          q.execute(
            `insert into audit_events (actor, action, project_id, org_id, connection_id, generation)
             values ('system', 'suspended', 'p', 'o', '${early}', 0)` as never,
          ),
        );
        await database.close();
        await eventually(() => receiver.of(early).length === 1);
        expect(receiver.of(late)).toEqual([]);
      });
      await eventually(() => receiver.of(late).length === 1);
    });
  });
});
