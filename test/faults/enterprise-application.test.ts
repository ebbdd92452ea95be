import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deleteEnterpriseApplication, type SimulatedTenant } from "../../src/simulator/directory.ts";
import { type Fault, noRealism, type Realism } from "../../src/simulator/options.ts";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { liveApplications, newOrg, type Product, startProduct } from "../support/product.ts";
import { againOfKind, byName, proveAndStart, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { ways, writingWays } from "./support/http-faults.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { trafficOf } from "./support/traffic.ts";

// An administrator deleted the enterprise application and left the registration. A reconnect and a renewal make it anew,
// once, whatever happens to the calls that they need for it.

const kinds = { reconnect: againOfKind.connect, renewal: againOfKind.renew };
const kindNames = ["reconnect", "renewal"] as const;
const cases = kindNames.flatMap((kind) =>
  trafficOf.beginRenewal.calls.flatMap(({ call, writes }) =>
    [...ways, ...(writes ? writingWays : [])].flatMap(([way, fault, severity]) =>
      (writes ? [1, 3] : [1]).map((times) => ({
        name: `${kind} × ${call} × ${way} × ${times}`,
        kind,
        severity,
        fault: { ...fault, call, times } as Fault,
      })),
    ),
  ),
);

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker({ timeoutMs: 700, pace: { budgetFactor: 20, retryDelayMs: 60 } });
});
afterAll(async () => {
  await product.stop();
});
afterEach(() => {
  product.simulator.world.realism = noRealism;
});

/** A connection of a tenant of its own, with what then happens to its application. */
async function connected(change: (application: SimulatedTenant["applications"][number]) => void) {
  const [tenant, org] = [product.addTenant(), newOrg()];
  const { id } = await proveAndStart(product, tenant, org);
  await untilEnded(product, id);
  const [application] = liveApplications(tenant);
  if (!application) throw new Error("it was not connected");
  const before = application.servicePrincipalId;
  await product.sql`update sso_connections set users_consented_at = now() where org_id = ${org}`;
  change(application);
  return { tenant, org, application, before };
}

const rowOf = async (org: string) =>
  (await product.sql`select * from sso_connections where org_id = ${org}`)[0];
const creationsOf = (tenantId: string) =>
  product.simulator.world.calls.filter(
    (one) => one.tenantId === tenantId && one.call === "createServicePrincipal" && one.status === 201,
  ).length;

describe.concurrent("a deleted enterprise application", () => {
  it.each(byName(cases))("%s", { timeout: 180_000 }, async (_name, { kind, severity, fault }) => {
    const { tenant, org, application, before } = await connected(deleteEnterpriseApplication);
    const first = await rowOf(org);
    product.simulator.world.setTenantFaults(tenant.id, [fault]);
    const id = await kinds[kind](product, tenant, org);
    await untilEnded(product, id);
    const { status } = await statusOf(product, id);
    if (severity === "passes") expect(status).toBe("succeeded");
    if (status !== "succeeded") {
      expect(await rowOf(org)).toMatchObject({ sealed_secret: first?.["sealed_secret"] });
      return;
    }
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
    expect(application).toMatchObject({
      servicePrincipalDeletedMs: null,
      servicePrincipalTags: ["WindowsAzureActiveDirectoryIntegratedApp"],
      appRoleAssignmentRequired: false,
    });
    expect(application.servicePrincipalId).not.toBe(before);
    expect(await rowOf(org)).toMatchObject({
      id: first?.["id"],
      app_id: application.appId,
      service_principal_id: application.servicePrincipalId,
      // The consents went with it.
      users_consented_at: null,
    });
    expect(creationsOf(tenant.id)).toBeLessThanOrEqual(1);
  });
});

describe("a deleted enterprise application, in a directory that lags", () => {
  const lags: [string, Partial<Realism>][] = [
    ["the new one is visible late", { servicePrincipalLagMs: 1500 }],
    ["lists stay behind", { listLagMs: 1500 }],
    ["secrets work late", { secretLagMs: 1500 }],
  ];
  it.each(kindNames.flatMap((kind) => lags.map(([what, realism]) => [kind, what, realism] as const)))(
    "%s: %s",
    async (kind, _what, realism) => {
      const { tenant, org } = await connected(deleteEnterpriseApplication);
      product.simulator.world.realism = { ...noRealism, ...realism };
      const id = await kinds[kind](product, tenant, org);
      await untilEnded(product, id);
      expect((await statusOf(product, id)).status).toBe("succeeded");
      expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
    },
  );
});

describe.each(kindNames)("%s", (kind) => {
  it("takes an enterprise application that somebody made by hand", async () => {
    const { tenant, org, application, before } = await connected((one) => {
      deleteEnterpriseApplication(one);
      one.servicePrincipalId = crypto.randomUUID();
      one.servicePrincipalDeletedMs = null;
    });
    const id = await kinds[kind](product, tenant, org);
    await untilEnded(product, id);
    expect(application.servicePrincipalId).not.toBe(before);
    expect(await rowOf(org)).toMatchObject({ service_principal_id: application.servicePrincipalId });
    expect(creationsOf(tenant.id)).toBe(0);
  });

  it("says at once that sign-in was switched off, and does not switch it on", async () => {
    const { tenant, org, application } = await connected((one) => (one.disabled = true));
    const credentials = structuredClone(application.credentials);
    const id = await kinds[kind](product, tenant, org);
    await untilEnded(product, id);
    expect(await statusOf(product, id)).toEqual({
      status: "failed",
      cleanup: "none",
      code: "application_disabled",
    });
    expect(application.disabled).toBe(true);
    expect(application.credentials).toEqual(credentials);
  });

  it("admits assigned users only where that was chosen before", async () => {
    const { tenant, org, application } = await connected(deleteEnterpriseApplication);
    await product.sql`update connection_operations set access = 'assigned' where org_id = ${org}`;
    await untilEnded(product, await kinds[kind](product, tenant, org));
    expect(application.appRoleAssignmentRequired).toBe(true);
  });
});

itLeavesNoPlaintext(() => product);

itHasDocumentedCases("enterprise application", cases.length);
