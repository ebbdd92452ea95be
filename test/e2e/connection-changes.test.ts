import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { placeEvents } from "../../src/db/events.ts";
import {
  connect,
  eventually,
  newOrg,
  operatorToken,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";
import { Browser } from "../../src/embedded/browser.ts";

// What owners change about a connection at once, and who is told.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

async function connected() {
  const tenant = product.addTenant();
  const { end, org } = await connect(product, tenant);
  return { tenant, org, id: end.searchParams.get("connection") ?? "" };
}

async function patch(
  { org, id }: { org: string; id: string },
  body: unknown,
  claims: { role?: "owner" | "admin" | "member"; of?: string } & Record<string, unknown> = {},
) {
  const { role = "owner", of = org, ...rest } = claims;
  const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/sso-connections/${id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${await product.session(of, role, rest)}` },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

interface Feed {
  readonly data: { id: string; event: string; data: Record<string, unknown> }[];
  readonly list_metadata: { after: string | null };
}
async function feed(query: Record<string, string>): Promise<Feed> {
  const answer = await fetch(`${product.origin}/v1/events?${new URLSearchParams(query).toString()}`, {
    headers: { authorization: `Bearer ${operatorToken}` },
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Feed;
}

describe("suspending", () => {
  it("is at once, twice the same, recorded once, and taken back", async () => {
    const one = await connected();
    const epochOf = async (): Promise<number> =>
      ((await product.sql`select epoch from sso_connections where id = ${one.id}`)[0]?.["epoch"] as number) ??
      0;
    const before = await epochOf();
    expect((await patch(one, { status: "suspended" })).body["status"]).toBe("suspended");
    expect((await patch(one, { status: "suspended" })).status).toBe(200);
    expect(await epochOf()).toBe(before + 1);
    const again = await fetch(`${product.origin}/v1/session/orgs/${one.org}/ms-provision/start`, {
      method: "POST",
      headers: { authorization: `Bearer ${await product.session(one.org)}`, origin: product.origin },
      body: JSON.stringify({ connection: one.id }),
    });
    expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([
      409,
      "connection_suspended",
    ]);
    const { end } = await connect(product, one.tenant, { org: one.org });
    expect(end.searchParams.get("error")).toBe("connection_suspended");
    expect((await patch(one, { status: "active" }, { role: "admin" })).body["status"]).toBe("active");
    const rows =
      await product.sql`select action, actor from audit_events where connection_id = ${one.id} and request_id is null order by id`;
    expect(rows.map(({ action }) => action as string)).toEqual(["suspended", "resumed"]);
    expect(rows[0]?.["actor"]).toBe("user:usr_1");
  });

  it("is for the connection's own owners and admins, in a session of their own", async () => {
    const [one, other] = [await connected(), await connected()];
    const change = { status: "suspended" };
    expect((await patch(one, change, { role: "member" })).body["code"]).toBe("insufficient_role");
    expect((await patch(one, change, { of: other.org })).body["code"]).toBe("organization_not_found");
    expect((await patch({ org: one.org, id: other.id }, change)).body["code"]).toBe("not_found");
    expect((await patch(one, change, { is_impersonation: true })).body["code"]).toBe(
      "impersonation_not_allowed",
    );
    expect((await patch(one, { status: "disconnected" })).body["code"]).toBe("invalid_request");
    expect((await patch(one, {})).body["code"]).toBe("invalid_request");
    expect((await patch(one, { epoch: 9 })).body["errors"]).toEqual([
      { path: "epoch", reason: "is not known here" },
    ]);
  });

  it("goes on when the connection gets a name", async () => {
    const one = await connected();
    await patch(one, { status: "suspended" });
    const named = await patch(one, { display_name: "  Contoso\u0000 staff " });
    expect(named.body).toMatchObject({ display_name: "Contoso staff", status: "suspended" });
    expect((await patch(one, { display_name: null })).body["display_name"]).toBe("Microsoft");
  });
});

it("ends a click that was under way when the connection was suspended, and nobody is told connected", async () => {
  const one = await connected();
  const before = await product.sql`select secret_key_id from sso_connections where id = ${one.id}`;
  product.simulator.world.setTenantFaults(one.tenant.id, [
    { call: "addPassword", kind: "answer", status: 503, times: 1_000_000 },
  ]);
  const clicking = connect(product, one.tenant, { org: one.org });
  await eventually(
    async () =>
      (
        await product.sql`select from ms_provision_requests where org_id = ${one.org} and status = 'provisioning'`
      ).length === 1,
  );
  await patch(one, { status: "suspended" });
  product.simulator.world.setTenantFaults(one.tenant.id, []);
  expect((await clicking).end.searchParams.get("error")).toBe("connection_suspended");
  const after = await product.sql`select status, secret_key_id from sso_connections where id = ${one.id}`;
  expect(after[0]).toEqual({ status: "suspended", secret_key_id: before[0]?.["secret_key_id"] as string });
});

describe("the feed of events", () => {
  it("tells of a connection's life in order, page by page", async () => {
    const one = await connected();
    await patch(one, { status: "suspended" });
    await patch(one, { status: "active" });
    await connect(product, one.tenant, { org: one.org });
    const names: string[] = [];
    let after: string | null = null;
    for (;;) {
      const page: Feed = await feed({
        organization_id: one.org,
        limit: "1",
        ...(after === null ? {} : { after }),
      });
      if (page.data.length === 0) break;
      names.push(...page.data.map(({ event }) => event));
      after = page.list_metadata.after;
    }
    expect(names).toEqual([
      "sso.connection.created",
      "sso.connection.suspended",
      "sso.connection.updated",
      "sso.connection.updated",
    ]);
    const [suspended] = (await feed({ organization_id: one.org, event: "sso.connection.suspended" })).data;
    expect(suspended).toMatchObject({
      id: expect.stringMatching(/^evt_/) as string,
      data: {
        organization_id: one.org,
        user_id: "usr_1",
        actor_type: "user",
        target_type: "sso_connection",
        target_id: one.id,
      },
    });
  });

  it("never passes a row that is still to be committed", async () => {
    const org = newOrg();
    const insert = (name: string) =>
      `insert into audit_events (actor, action, project_id, org_id, connection_id, generation, detail)
       values ('system', 'suspended', 'p', '${org}', '${name}', 0, '{}')`;
    await product.sql.begin(async (late) => {
      await late.unsafe(insert("late"));
      // Begun later, committed earlier.
      const database = openDatabase(product.environment["DATABASE_URL"] ?? "");
      await database.run(async (q) => void (await q.execute(insert("early"))));
      // Unless a process that runs was first.
      await placeEvents(database);
      await database.close();
      const first = await feed({ organization_id: org });
      expect(first.data.map(({ data }) => data["target_id"])).toEqual(["early"]);
    });
    const all = await feed({ organization_id: org });
    expect(all.data.map(({ data }) => data["target_id"])).toEqual(["early", "late"]);
    const rest = await feed({ organization_id: org, after: all.data[0]?.id ?? "" });
    expect(rest.data.map(({ data }) => data["target_id"])).toEqual(["late"]);
  });

  it("goes on after the database's clock was set back", async () => {
    const org = newOrg();
    for (const [name, at] of [
      ["ahead", "now() + interval '3 hours'"],
      ["right", "now()"],
    ] as const) {
      await product.sql.unsafe(
        `insert into audit_events (actor, action, project_id, org_id, connection_id, generation, detail, at)
         values ('system', 'suspended', 'p', '${org}', '${name}', 0, '{}', ${at})`,
      );
      const { data } = await feed({ organization_id: org });
      expect(data.at(-1)?.data["target_id"]).toBe(name);
    }
  });

  it("is for operators, and names what is wrong with a call", async () => {
    expect((await fetch(`${product.origin}/v1/events`)).status).toBe(401);
    for (const query of [
      "after=x",
      "after=evt_0",
      "limit=0",
      "limit=101",
      "event=nothing",
      "page=1",
      "limit=1&limit=2",
    ]) {
      const answer = await fetch(`${product.origin}/v1/events?${query}`, {
        headers: { authorization: `Bearer ${operatorToken}` },
      });
      expect(answer.status).toBe(400);
      expect(((await answer.json()) as { errors: object[] }).errors).toHaveLength(1);
    }
  });

  it("tells of a click that failed, and of none that waits", async () => {
    const org = newOrg();
    await start(product, new Browser(), org);
    expect((await feed({ organization_id: org })).data).toEqual([]);
  });
});
