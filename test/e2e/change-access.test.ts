import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  liveApplications,
  connect,
  eventually,
  operatorToken,
  type Product,
  startProduct,
} from "../support/product.ts";

// Who may sign in is changed at Microsoft first, and then said.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => product.simulator.world.setFaults([]));

async function connected() {
  const tenant = product.addTenant();
  const { end, org } = await connect(product, tenant);
  const [application] = liveApplications(tenant);
  if (!application) throw new Error("it was not connected");
  return { tenant, org, application, id: end.searchParams.get("connection") ?? "" };
}
type Connected = Awaited<ReturnType<typeof connected>>;

async function call(
  { org, id }: Pick<Connected, "org" | "id">,
  body?: object,
  { role = "owner", ...claims }: { role?: "owner" | "admin" | "member" } & Record<string, unknown> = {},
) {
  const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/sso-connections/${id}`, {
    ...(body ? { method: "PATCH", body: JSON.stringify(body) } : {}),
    headers: { authorization: `Bearer ${await product.session(org, role, claims)}` },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const begunOf = ({ body }: Awaited<ReturnType<typeof call>>) =>
  body["operation"] as { id: string; kind: string };
const viewOf = async (one: Connected) => (await call(one)).body;
/** Until nothing is done to it any more. */
async function settled(one: Connected): Promise<Record<string, unknown>> {
  await eventually(async () => !("operation" in (await viewOf(one))));
  return viewOf(one);
}
const statusOf = async (id: string) =>
  (await product.sql`select status, error_code, cleanup from connection_operations where id = ${id}`)[0];
const hold = ({ tenant }: Connected) =>
  product.simulator.world.setTenantFaults(tenant.id, [
    { call: "patchServicePrincipal", kind: "answer", status: 503, times: 1_000_000 },
  ]);
const release = ({ tenant }: Connected) => product.simulator.world.setTenantFaults(tenant.id, []);

describe("changing who may sign in", () => {
  it("goes both ways, at Microsoft and here, and is told", async () => {
    const one = await connected();
    for (const access of ["assigned", "everyone"] as const) {
      const answer = await call(one, { access });
      expect([answer.status, begunOf(answer).kind]).toEqual([202, "change_access"]);
      expect(await settled(one)).toMatchObject({ access });
      expect(one.application.appRoleAssignmentRequired).toBe(access === "assigned");
    }
    const answer = await fetch(`${product.origin}/v1/events?organization_id=${one.org}`, {
      headers: { authorization: `Bearer ${operatorToken}` },
    });
    const { data } = (await answer.json()) as { data: { event: string; data: { metadata: object } }[] };
    expect(data.map(({ event, data: { metadata } }) => [event, metadata]).slice(-2)).toEqual([
      ["sso.connection.updated", { kind: "change_access", access: "assigned" }],
      ["sso.connection.updated", { kind: "change_access", access: "everyone" }],
    ]);
  });

  it("is an operation with steps, carried by the connection; what else is named is so at once", async () => {
    const one = await connected();
    hold(one);
    const answer = await call(one, { access: "assigned", status: "suspended", display_name: "Staff" });
    const { id } = begunOf(answer);
    expect(await viewOf(one)).toMatchObject({
      status: "suspended",
      display_name: "Staff",
      access: "everyone",
      operation: { id, kind: "change_access" },
    });
    release(one);
    expect(await settled(one)).toMatchObject({ status: "suspended", access: "assigned" });
    const steps = await fetch(`${product.origin}/v1/session/orgs/${one.org}/ms-provision/${id}`, {
      headers: { authorization: `Bearer ${await product.session(one.org)}` },
    });
    expect(await steps.json()).toMatchObject({
      kind: "change_access",
      status: "succeeded",
      steps: [
        { name: "changeAccess", state: "done" },
        { name: "recordAccess", state: "done" },
      ],
    });
  });

  it("writes what Microsoft has otherwise, also where the connection says so already", async () => {
    const one = await connected();
    one.application.appRoleAssignmentRequired = true;
    await call(one, { access: "everyone" });
    await settled(one);
    expect(one.application.appRoleAssignmentRequired).toBe(false);
  });

  it("is found by the same call, and refuses another choice while it is under way", async () => {
    const one = await connected();
    hold(one);
    const [first, second] = [
      await call(one, { access: "assigned" }),
      await call(one, { access: "assigned" }),
    ];
    expect(begunOf(second).id).toBe(begunOf(first).id);
    const other = await call(one, { access: "everyone", display_name: "Not this" });
    expect([other.status, other.body["code"]]).toEqual([409, "operation_in_progress"]);
    expect((await viewOf(one))["display_name"]).toBe("Microsoft");
    release(one);
    await settled(one);
  });

  it("is for the connection's owners and admins", async () => {
    const one = await connected();
    expect((await call(one, { access: "assigned" }, { role: "member" })).body["code"]).toBe(
      "insufficient_role",
    );
    expect((await call(one, { access: "assigned" }, { is_impersonation: true })).body["code"]).toBe(
      "impersonation_not_allowed",
    );
    expect((await call(one, { access: "nobody" })).body["code"]).toBe("invalid_request");
    expect((await viewOf(one))["operation"]).toBeUndefined();
  });
});

describe("a change that cannot be made", () => {
  it("leaves the connection as it was and says why, until one succeeds", async () => {
    const one = await connected();
    product.simulator.world.setTenantFaults(one.tenant.id, [
      { call: "patchServicePrincipal", kind: "answer", status: 400, code: "Request_BadRequest" },
    ]);
    const { id } = begunOf(await call(one, { access: "assigned" }));
    expect(await settled(one)).toMatchObject({
      access: "everyone",
      access_error: { code: "microsoft_refused_request" },
    });
    expect(await statusOf(id)).toMatchObject({ status: "failed", cleanup: "none" });
    await call(one, { access: "assigned" });
    const view = await settled(one);
    expect(view).toMatchObject({ access: "assigned" });
    expect(view).not.toHaveProperty("access_error");
  });

  it("can be retried by an operator", async () => {
    const one = await connected();
    product.simulator.world.setTenantFaults(one.tenant.id, [
      { call: "patchServicePrincipal", kind: "answer", status: 400, code: "Request_BadRequest" },
    ]);
    const { id } = begunOf(await call(one, { access: "assigned" }));
    await eventually(async () => (await statusOf(id))?.["status"] === "failed");
    const retry = await fetch(`${product.origin}/v1/admin/ms-provisions/${id}/retry`, {
      method: "POST",
      headers: { authorization: `Bearer ${operatorToken}` },
      body: JSON.stringify({ reason: "once more" }),
    });
    expect(retry.status).toBe(202);
    await eventually(async () => (await statusOf(id))?.["status"] === "succeeded");
    expect(await viewOf(one)).toMatchObject({ access: "assigned" });
  });

  it("gives way to a click, which makes the change", async () => {
    const one = await connected();
    hold(one);
    const { id } = begunOf(await call(one, { access: "assigned" }));
    const again = connect(product, one.tenant, { org: one.org });
    await eventually(async () => (await statusOf(id))?.["status"] === "superseded");
    release(one);
    expect((await again).end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(await viewOf(one)).toMatchObject({ access: "assigned" });
    expect(one.application.appRoleAssignmentRequired).toBe(true);
  });

  it("is closed by a disconnection", async () => {
    const one = await connected();
    hold(one);
    const { id } = begunOf(await call(one, { access: "assigned" }));
    const gone = await fetch(`${product.origin}/v1/session/orgs/${one.org}/sso-connections/${one.id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${await product.session(one.org)}` },
    });
    expect(gone.status).toBe(202);
    expect(await statusOf(id)).toMatchObject({ status: "failed", error_code: "connection_disconnected" });
    expect((await call(one, { access: "assigned" })).body["code"]).toBe("connection_disconnected");
    release(one);
    await settled(one);
  });
});
