import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { noRealism } from "../../src/simulator/options.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import {
  connect,
  eventually,
  liveApplications,
  newOrg,
  type Product,
  startProduct,
} from "../support/product.ts";

// What may be left of a removed application, and what may come back with it.

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

interface Connected {
  readonly tenant: SimulatedTenant;
  readonly org: string;
  readonly id: string;
}
async function connected(): Promise<Connected> {
  const [tenant, org] = [product.addTenant(), newOrg()];
  const { end, id: request } = await connect(product, tenant, { org });
  await product.temporal.workflow.getHandle(`ms-provision-${request}`).result();
  return { tenant, org, id: end.searchParams.get("connection") ?? "" };
}

async function call(
  { org, id }: Connected,
  method: "GET" | "DELETE" | "POST",
  claims: Record<string, unknown> & { role?: "owner" | "admin" | "member"; of?: string } = {},
) {
  const { role = "owner", of = org, ...rest } = claims;
  const path = method === "POST" ? `${id}/restore` : id;
  const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/sso-connections/${path}`, {
    method,
    headers: { authorization: `Bearer ${await product.session(of, role, rest)}` },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const rowOf = async ({ id }: Pick<Connected, "id">) =>
  (await product.sql`select * from sso_connections where id = ${id}`)[0];
const operationOf = async ({ id }: Connected, kind: string) =>
  (
    await product.sql`select * from connection_operations where connection_id = ${id} and kind = ${kind} order by created_at desc`
  )[0];
const ended = async (one: Connected, kind: string) => {
  await eventually(async () =>
    ["succeeded", "failed"].includes(String((await operationOf(one, kind))?.["status"])),
  );
  await eventually(async () => (await operationOf(one, kind))?.["cleanup"] !== "pending");
  return operationOf(one, kind);
};

it("takes an application away with a credential that Microsoft keeps, and lists it", async () => {
  const one = await connected();
  const [application] = liveApplications(one.tenant);
  product.simulator.world.setTenantFaults(one.tenant.id, [
    { call: "removePassword", kind: "answer", status: 400, code: "Property_Invalid", times: 1_000_000 },
  ]);
  await call(one, "DELETE");
  expect(await ended(one, "disconnect")).toMatchObject({ status: "succeeded", cleanup: "needs_operator" });
  expect(application?.deletedMs).not.toBeNull();
  product.simulator.world.setTenantFaults(one.tenant.id, []);
  expect((await call(one, "POST")).status).toBe(202);
  expect(await ended(one, "restore")).toMatchObject({ status: "succeeded" });
  expect(application?.credentials.map(({ keyId }) => keyId)).toEqual([(await rowOf(one))?.["secret_key_id"]]);
});

it("takes certificates away that came back with the application", async () => {
  const one = await connected();
  const [application] = liveApplications(one.tenant);
  await call(one, "DELETE");
  await ended(one, "disconnect");
  if (application) application.properties["keyCredentials"] = [{ keyId: "k", displayName: null }];
  expect((await call(one, "POST")).status).toBe(202);
  expect(await ended(one, "restore")).toMatchObject({ status: "succeeded" });
  expect(application?.properties["keyCredentials"]).toEqual([]);
});
