import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, operatorToken, type Product, startProduct } from "../support/product.ts";
import { type Connected, operatorsOf } from "../support/operators.ts";

// What one side switched off, the other does not switch on: owners and operators.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

const { connected, call, statusOf, endOf } = operatorsOf(() => product);
const trailOf = async (one: Connected) =>
  product.sql`select action from audit_events
    where connection_id = ${one.id} and actor like 'operator:%' order by id`;
const reason = "the customer's letter of 28 November";

it("an operator switches off what no owner brings back, whatever the owner does with it in between", async () => {
  const one = await connected();
  const owners = async (method: "PATCH" | "DELETE" | "GET" | "POST", more = "", body?: object) => {
    const answer = await fetch(
      `${product.origin}/v1/session/orgs/${one.org}/sso-connections/${one.id}${more}`,
      {
        method,
        headers: { authorization: `Bearer ${await product.session(one.org)}` },
        ...(body ? { body: JSON.stringify(body) } : {}),
      },
    );
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const order = (what: string, more: object = {}) => call("POST", `/${one.id}/${what}`, { reason, ...more });
  const refused = { status: 409, body: { code: "switched_off_by_operator" } };
  const resume = { status: "active" };

  await order("suspend");
  expect((await owners("GET")).body["switched_off_by"]).toEqual(["operator"]);
  expect(await owners("PATCH", "", resume)).toMatchObject(refused);
  expect(await owners("PATCH", "", { ...resume, access: "assigned" })).toMatchObject(refused);
  expect(await owners("PATCH", "", { status: "suspended", display_name: "Contoso" })).toMatchObject({
    body: { display_name: "Contoso", status: "suspended" },
  });
  // To remove it altogether is theirs at any time.
  expect((await owners("DELETE")).status).toBe(202);
  await endOf(one, "disconnect");
  expect((await owners("GET")).body["switched_off_by"]).toEqual(["owner", "operator"]);
  expect(await owners("POST", "/restore")).toMatchObject(refused);
  expect((await order("restore")).body["code"]).toBe("switched_off_by_owner");
  expect((await order("restore", { override_owner: true })).status).toBe(202);
  await endOf(one, "restore");
  expect((await owners("GET")).body).not.toHaveProperty("switched_off_by");

  // It counts for what was switched off, not for ever.
  expect((await owners("PATCH", "", { status: "suspended" })).status).toBe(200);
  expect((await owners("PATCH", "", resume)).body["status"]).toBe("active");
  await order("disconnect");
  await eventually(
    async () => (await owners("POST", "/restore")).body["code"] === "switched_off_by_operator",
  );
  expect(await statusOf(one)).toBe("disconnected");
});

it("a disconnection stays the owner's decision where an operator gives the order again", async () => {
  const one = await connected();
  product.simulator.world.setTenantFaults(one.tenant.id, [
    { call: "deleteApplication", kind: "answer", status: 503, times: 1_000_000 },
  ]);
  const url = `${product.origin}/v1/session/orgs/${one.org}/sso-connections/${one.id}`;
  const headers = { authorization: `Bearer ${await product.session(one.org)}` };
  const begun = (await (await fetch(url, { method: "DELETE", headers })).json()) as {
    operation: { id: string };
  };
  const cancel = await fetch(`${product.origin}/v1/admin/ms-provisions/${begun.operation.id}/cancel`, {
    method: "POST",
    headers: { authorization: `Bearer ${operatorToken}` },
    body: JSON.stringify({ reason }),
  });
  expect(cancel.status).toBe(202);
  product.simulator.world.setTenantFaults(one.tenant.id, []);
  expect((await call("POST", `/${one.id}/disconnect`, { reason })).status).toBe(202);
  await endOf(one, "disconnect");
  expect((await call("POST", `/${one.id}/restore`, { reason })).body["code"]).toBe("switched_off_by_owner");
});

it.each(["suspend", "disconnect"] as const)(
  "who orders to %s what the other side has switched off already has said so too",
  async (what) => {
    const one = await connected();
    const place = `${product.origin}/v1/session/orgs/${one.org}/sso-connections/${one.id}`;
    const asOwner = async (method: string, more = "", body?: object) => {
      const answer = await fetch(place + more, {
        method,
        headers: { authorization: `Bearer ${await product.session(one.org)}` },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return { ok: answer.ok, code: ((await answer.json()) as { code?: string }).code };
    };
    const off = () =>
      what === "suspend" ? asOwner("PATCH", "", { status: "suspended" }) : asOwner("DELETE");
    const on = () =>
      what === "suspend" ? asOwner("PATCH", "", { status: "active" }) : asOwner("POST", "/restore");
    const order = (verb: string) => call("POST", `/${one.id}/${verb}`, { reason });
    expect((await off()).ok).toBe(true);
    for (let times = 0; times < 2; times += 1) expect((await order(what)).status).toBeLessThan(300);
    if (what === "disconnect") await endOf(one, "disconnect");
    expect((await on()).code).toBe("switched_off_by_operator");
    expect((await order(what === "suspend" ? "resume" : "restore")).body["code"]).toBe(
      "switched_off_by_owner",
    );
    expect((await trailOf(one)).map(({ action }) => action as string)).toEqual(["kept_off"]);
  },
);
