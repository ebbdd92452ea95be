import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { deleteEnterpriseApplication } from "../../src/simulator/directory.ts";
import type { Fault, SimulatedCall } from "../../src/simulator/options.ts";
import {
  againOfKind,
  leaveCredentials,
  proveAndStart,
  statusOf,
  untilEnded,
} from "../faults/support/cases.ts";
import { liveApplications, newOrg, type Product, startProduct } from "../support/product.ts";
import { credentialsOf } from "../support/removals.ts";

// Graph's lists come in pages. A page may be empty and have a next one, and a link may lead back to itself.

let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_ADOPT_WINDOW_MS: "400" });
  await product.startWorker({ pace: { budgetFactor: 20, retryDelayMs: 60 } });
});
afterAll(() => product.stop());
afterEach(() => product.simulator.world.setFaults([]));

const forEver = 1_000_000;
const lists: readonly SimulatedCall[] = [
  "listApplications",
  "listServicePrincipals",
  "listFederated",
  "listGrants",
];
const paged = (more: Partial<Extract<Fault, { kind: "page" }>> = {}): Fault[] =>
  lists.map((call): Fault => ({ call, kind: "page", times: forEver, ...more }));

async function connected() {
  const [tenant, org] = [product.addTenant(), newOrg()];
  await untilEnded(product, (await proveAndStart(product, tenant, org)).id);
  const [application] = liveApplications(tenant);
  if (!application) throw new Error("it was not connected");
  return { tenant, org, application };
}
async function ends(id: string): Promise<string> {
  await untilEnded(product, id);
  const { status, code } = await statusOf(product, id);
  return code ?? status;
}

it("finds what was created and not answered behind an empty page", async () => {
  const tenant = product.addTenant();
  product.simulator.world.setTenantFaults(tenant.id, [
    ...paged(),
    { call: "instantiate", kind: "drop", after: true, times: 1 },
  ]);
  const { id } = await proveAndStart(product, tenant);
  expect(await ends(id)).toBe("succeeded");
  expect(liveApplications(tenant)).toHaveLength(1);
});

it("finds the service principal that somebody made anew behind an empty page", async () => {
  const { tenant, org, application } = await connected();
  // By an id that the connection does not know.
  application.servicePrincipalId = crypto.randomUUID();
  product.simulator.world.setTenantFaults(tenant.id, paged());
  expect(await ends(await againOfKind.renew(product, tenant, org))).toBe("succeeded");
  expect(await ends(await againOfKind.change_access(product, tenant, org))).toBe("succeeded");
});

it("makes a lost service principal once, and takes away what came back with an application", async () => {
  const { tenant, org, application } = await connected();
  product.simulator.world.setTenantFaults(tenant.id, paged());
  deleteEnterpriseApplication(application);
  expect(await ends(await againOfKind.renew(product, tenant, org))).toBe("succeeded");
  leaveCredentials(application);
  expect(await ends(await againOfKind.disconnect(product, tenant, org))).toBe("succeeded");
  expect(credentialsOf(application)).toEqual([]);
  leaveCredentials(application);
  expect(await ends(await againOfKind.restore(product, tenant, org))).toBe("succeeded");
  expect(credentialsOf(application)).toHaveLength(1);
});

it("does not take our app for gone because a page is empty", async () => {
  const { tenant, org } = await connected();
  expect(await ends(await againOfKind.disconnect(product, tenant, org))).toBe("succeeded");
  product.simulator.world.setTenantFaults(tenant.id, paged());
  expect(await ends(await againOfKind.release(product, tenant, org))).toBe("succeeded");
  expect(tenant.consentedMs).toBeNull();
});

it("does not follow a link in a circle", async () => {
  const { tenant, org } = await connected();
  product.simulator.world.setTenantFaults(tenant.id, paged({ isRound: true }));
  const before = product.simulator.world.calls.length;
  expect(await ends(await againOfKind.disconnect(product, tenant, org))).toBe("succeeded");
  const calls = product.simulator.world.calls.slice(before).filter(({ tenantId }) => tenantId === tenant.id);
  expect(calls.length).toBeLessThan(25);
});

it("asks for the next page where it asked for the first, whatever host the link names", async () => {
  let asked = 0;
  const elsewhere = createServer((_request, answer) => {
    asked += 1;
    answer.end("{}");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => elsewhere.once("listening", resolve));
  const { port } = elsewhere.address() as AddressInfo;
  const { tenant, org, application } = await connected();
  product.simulator.world.setTenantFaults(
    tenant.id,
    lists.map((call): Fault => ({ call, kind: "page", times: forEver, elsewhere: `127.0.0.1:${port}` })),
  );
  expect(await ends(await againOfKind.disconnect(product, tenant, org))).toBe("succeeded");
  expect([asked, application.deletedMs === null]).toEqual([0, false]);
  elsewhere.close();
});
