import { afterAll, beforeAll, expect, it } from "vitest";
import { listDueRenewals, issueRenewal } from "../../src/db/connection-operations/renewals.ts";
import { type Product, startProduct } from "../support/product.ts";
import { startLooking } from "../support/looking.ts";
import { connected, released, viewOf } from "../support/release.ts";

// What our app was removed from is not renewed, and not forgotten either.

let product: Product;
let looking: ReturnType<typeof startLooking>;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  looking = startLooking(product);
});
afterAll(async () => {
  await looking.stop();
  await product.stop();
});

type Connected = Awaited<ReturnType<typeof connected>>;
const due = async ({ id }: Connected) => {
  const listed = await listDueRenewals(product.api.database, { ssoOrigin: product.origin, limit: 500 });
  return listed.find((connection) => connection.id === id);
};
const endIn = (one: Connected, days: number) => product.sql`
  update sso_connections set secret_set_at = now() - interval '600 days',
    secret_expires_at = now() + make_interval(days => ${days}) - interval '1 minute' where id = ${one.id}`;
/** The look at it, by a worker that holds no token of before. */
async function look(one: Connected): Promise<void> {
  looking.forgetTokens();
  await looking.look({ ...one, application: one.tenant.applications[0] as never });
}

it("a released connection's secret is not renewed, and its end is told", async () => {
  const one = await connected(product);
  await endIn(one, 29);
  const before = await due(one);
  if (!before) throw new Error("it is not due");
  await released(one);
  expect(await due(one)).toBeUndefined();
  // Listed before it was released.
  expect(await issueRenewal(product.api.database, before, product.origin)).toBeUndefined();
  await looking.noteDue();
  const told = await product.sql`
    select detail from audit_events where connection_id = ${one.id} and action = 'secret_expiring'`;
  expect(told).toMatchObject([{ detail: { days: 30, code: "access_released" } }]);
});

it("a look that learns nothing leaves it released", async () => {
  const one = await connected(product);
  await endIn(one, 29);
  await released(one);
  await look(one);
  expect(await viewOf(one)).toMatchObject({
    access_released_at: expect.any(String) as string,
    needs_attention: { reasons: [{ code: "access_released" }] },
  });
  expect(await due(one)).toBeUndefined();
});

it("a look that Graph answers to a token of before leaves it released", async () => {
  const one = await connected(product);
  const ofLooking = { ...one, application: one.tenant.applications[0] as never };
  expect(await looking.look(ofLooking)).toMatchObject({ looked: 1 });
  const consentedMs = one.tenant.consentedMs;
  await released(one);
  // The token endpoint knows it; Graph does not yet.
  one.tenant.consentedMs = consentedMs;
  product.simulator.world.setTenantFaults(one.tenant.id, [
    {
      call: "token",
      of: "provisioning",
      kind: "answer",
      status: 401,
      code: "invalid_client",
      aadsts: 7_000_229,
      times: 9,
    },
  ]);
  expect(await looking.look(ofLooking)).toMatchObject({ looked: 0, unread: 1 });
  product.simulator.world.setTenantFaults(one.tenant.id, []);
  expect(await viewOf(one)).toMatchObject({
    access_released_at: expect.any(String) as string,
    needs_attention: { reasons: [{ code: "access_released" }] },
  });
});

it("another organization's approval gives the access again: a look finds it, and it is renewed", async () => {
  const one = await connected(product);
  await endIn(one, 29);
  await released(one);
  const other = await connected(product, one.tenant);
  expect(other.id).not.toBe("");
  await look(one);
  const view = await viewOf(one);
  expect(view).not.toHaveProperty("access_released_at");
  expect(view).not.toHaveProperty("needs_attention");
  expect((await due(one))?.id).toBe(one.id);
});
