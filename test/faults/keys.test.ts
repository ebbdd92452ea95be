import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import type { Fault, FaultKind } from "../../src/simulator/options.ts";
import { connect, type Product, startProduct } from "../support/product.ts";
import { byName } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";

// Microsoft's key endpoint, with each way it can go wrong, at the proof and at a sign-in. What passes costs nobody the
// approval and refuses nobody; the token is never taken without its key.

const keyWays: readonly (readonly [string, FaultKind])[] = [
  ["the keys of before a rotation", { kind: "stale" }],
  ["404", { kind: "answer", status: 404 }],
  ["429 with seconds", { kind: "answer", status: 429, retryAfter: "1" }],
  ["500", { kind: "answer", status: 500 }],
  ["502 HTML", { kind: "html", status: 502 }],
  ["200 HTML", { kind: "html", status: 200 }],
  ["503", { kind: "answer", status: 503 }],
  ["reset before headers", { kind: "drop" }],
  ["reset in the body", { kind: "cut" }],
  ["slow drip", { kind: "drip" }],
  ["no answer", { kind: "hang" }],
  ["truncated JSON", { kind: "truncate" }],
  ["wrong shape", { kind: "shape" }],
  ["empty body", { kind: "empty", status: 200 }],
  ["redirect elsewhere", { kind: "redirect" }],
];
const cases = (["proof", "sign-in"] as const).flatMap((user) =>
  keyWays.flatMap(([way, kind]) =>
    [1, 3].map((times) => ({
      name: `keys × ${way} × ${times === 1 ? "once" : "three times"} × ${user}`,
      user,
      times,
      fault: { ...kind, call: "keys", times } as Fault,
    })),
  ),
);

const chosen = byName(cases);
let product: Product;
/** Connected before the rotation, by the name of the case that signs in there. */
const connected = new Map<string, { tenant: SimulatedTenant; connection: string }>();

beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  const signIns = chosen.filter(([, { user }]) => user === "sign-in");
  await Promise.all(
    signIns.map(async ([name]) => {
      const tenant = product.addTenant();
      const { end } = await connect(product, tenant);
      connected.set(name, { tenant, connection: end.searchParams.get("connection") ?? "" });
    }),
  );
  // Once, and for all: what each of those tenants has kept is of before, and its next token names another key. One more
  // rotation amid the cases would have them fetch more often than a key set may.
  await product.simulator.rotateKeys();
}, 120_000);
afterAll(() => product.stop());

async function signIn(connection: string, tenant: SimulatedTenant): Promise<Response> {
  const browser = new Browser();
  const page = await browser.followAll(
    await browser.request(`${product.origin}/v1/sso/connections/${connection}/initiate`),
  );
  const action = /action="([^"]+)"/.exec(await page.text())?.[1]?.replaceAll("&amp;", "&") ?? "";
  const chosen = await browser.request(new URL(action, product.simulator.origin), {
    method: "POST",
    body: new URLSearchParams({ user: tenant.users[1]?.id ?? "" }),
  });
  return browser.followAll(chosen, { accept: "application/json" });
}

describe.concurrent("keys", () => {
  it.each(chosen)("%s", { timeout: 240_000 }, async (name, { times, fault }) => {
    const { world } = product.simulator;
    const known = connected.get(name);
    if (!known) {
      const tenant = product.addTenant();
      world.setTenantFaults(tenant.id, [fault]);
      const { end } = await connect(product, tenant);
      expect(end.searchParams.get("ok")).toBe("microsoft_connected");
      return;
    }
    const { tenant, connection } = known;
    expect(connection).toMatch(/^sso_/);
    world.setTenantFaults(tenant.id, [fault]);
    const first = await signIn(connection, tenant);
    if (times === 1) expect(first.status).toBe(200);
    else expect([200, 503]).toContain(first.status);
    expect((await signIn(connection, tenant)).status).toBe(200);
  });
});

itHasDocumentedCases("Microsoft's keys", cases.length);
