import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { SimulatedApplication } from "../../src/simulator/directory.ts";
import { type DriftName, drifts } from "../../src/simulator/drifts.ts";
import { type Fault, noRealism } from "../../src/simulator/options.ts";
import type { Connected } from "../support/operators.ts";
import { liveApplications, type Product, startProduct } from "../support/product.ts";
import { leaveCredentials } from "../faults/support/cases.ts";
import { credentialsOf, removalsOf } from "../support/removals.ts";

// What may be left of a removed application, and what may come back with it.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => {
  product.simulator.world.setFaults([]);
  product.simulator.world.hook = undefined;
  product.simulator.world.realism = noRealism;
});

const { connected, call, rowOf, ended } = removalsOf(() => product);

const refusedFor = { kind: "answer", times: 1_000_000 } as const;

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

it.each<[string, readonly DriftName[]]>([
  ["certificates", ["add_certificate"]],
  ["identities elsewhere", ["add_federated"]],
  ["credentials of the enterprise application", ["add_enterprise_credentials"]],
  ["a credential where the enterprise application is gone", ["add_credential", "delete_enterprise"]],
])("takes away before the application: %s", async (_name, names) => {
  const one = await connected();
  const [application] = liveApplications(one.tenant);
  if (!application) throw new Error("it was not connected");
  for (const name of names) drifts[name].act(application);
  await call(one, "DELETE");
  expect(await ended(one, "disconnect")).toMatchObject({ status: "succeeded", cleanup: "done" });
  expect(application.deletedMs).not.toBeNull();
  expect(credentialsOf(application)).toEqual([]);
});

it("removes all but what Microsoft keeps, and lists that", async () => {
  const ofPrincipal = { servicePrincipalCredentials: [], servicePrincipalKeys: [] };
  const cases: readonly [Fault, Partial<SimulatedApplication>][] = [
    [{ ...refusedFor, call: "listFederated", status: 403, code: "DeniedByPolicy" }, { federated: [] }],
    [{ ...refusedFor, call: "removeFederated", status: 400, code: "Property_Invalid" }, { federated: [] }],
    [
      { ...refusedFor, call: "removePrincipalPassword", status: 400, code: "CannotUpdateLocked" },
      ofPrincipal,
    ],
    [{ ...refusedFor, call: "getServicePrincipal", from: 2, status: 400, code: "Locked" }, ofPrincipal],
  ];
  const removed = cases.map(async ([fault, kept]) => {
    const one = await connected();
    const [application] = liveApplications(one.tenant);
    if (!application) throw new Error("it was not connected");
    leaveCredentials(application);
    product.simulator.world.setTenantFaults(one.tenant.id, [fault]);
    await call(one, "DELETE");
    expect(await ended(one, "disconnect")).toMatchObject({ status: "succeeded", cleanup: "needs_operator" });
    expect(application.deletedMs).not.toBeNull();
    expect(credentialsOf({ ...application, ...kept })).toEqual([]);
  });
  await Promise.all(removed);
});

it.each<[DriftName, (one: SimulatedApplication) => readonly unknown[]]>([
  ["add_certificate", ({ properties }) => properties["keyCredentials"] as unknown[]],
  ["add_federated", ({ federated }) => federated],
  ["add_enterprise_credentials", (one) => [...one.servicePrincipalCredentials, ...one.servicePrincipalKeys]],
])("takes away what came back with the application: %s", async (name, left) => {
  const [one, application] = await disconnectedWith(name);
  expect(left(application)).not.toEqual([]);
  expect((await call(one, "POST")).status).toBe(202);
  expect(await ended(one, "restore")).toMatchObject({ status: "succeeded" });
  expect(left(application)).toEqual([]);
  expect(application.credentials.map(({ keyId }) => keyId)).toEqual([(await rowOf(one))?.["secret_key_id"]]);
});

it("does not take a lag for an application without identities elsewhere", async () => {
  const [one, application] = await disconnectedWith("add_federated");
  product.simulator.world.setTenantFaults(one.tenant.id, [
    { call: "listFederated", kind: "answer", status: 404, code: "Request_ResourceNotFound", times: 2 },
  ]);
  await call(one, "POST");
  expect(await ended(one, "restore")).toMatchObject({ status: "succeeded" });
  expect(application.federated).toEqual([]);
});

it("reads an application that is back once before it removes, and once after", async () => {
  const [one] = await disconnectedWith("add_credential");
  const before = product.simulator.world.calls.length;
  await call(one, "POST");
  expect(await ended(one, "restore")).toMatchObject({ status: "succeeded" });
  const calls = product.simulator.world.calls.slice(before).map(({ call: name }) => name);
  const step = calls.slice(0, calls.indexOf("addPassword"));
  expect(step.filter((name) => name === "getApplication")).toHaveLength(3);
});

it("ends what a secret of the enterprise application opened", async () => {
  const [one, application] = await disconnectedWith("add_enterprise_credentials");
  const secret = application.servicePrincipalCredentials[0]?.secretText ?? "";
  const token = async (): Promise<number> => {
    const answer = await fetch(`${product.simulator.origin}/${one.tenant.id}/oauth2/v2.0/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: application.appId,
        client_secret: secret,
        scope: "https://graph.microsoft.com/.default",
      }),
    });
    return answer.status;
  };
  let whileBack = 0;
  product.simulator.world.hook = async (name, phase) => {
    if (name === "removePrincipalPassword" && phase === "before") whileBack = await token();
    return "go on";
  };
  await call(one, "POST");
  expect(await ended(one, "restore")).toMatchObject({ status: "succeeded" });
  expect([whileBack, await token()]).toEqual([200, 401]);
});

it.each<[string, Fault, string]>([
  [
    "that may not be listed",
    { ...refusedFor, call: "listFederated", status: 403, code: "DeniedByPolicy" },
    "forbidden_by_policy",
  ],
  [
    "that is locked",
    {
      ...refusedFor,
      call: "removePrincipalPassword",
      status: 400,
      code: "CannotUpdateLockedServicePrincipalProperty",
    },
    "microsoft_refused_request",
  ],
])("brings nothing back with a credential %s", async (_name, fault, code) => {
  const [one, application] = await disconnectedWith("add_enterprise_credentials");
  product.simulator.world.setTenantFaults(one.tenant.id, [fault]);
  await call(one, "POST");
  expect(await ended(one, "restore")).toMatchObject({ status: "failed", error_code: code, cleanup: "done" });
  expect((await rowOf(one))?.["status"]).toBe("disconnected");
  expect(application.deletedMs).not.toBeNull();
});

it.each([400, 404])("brings it back in a cloud that knows no identities elsewhere (%i)", async (status) => {
  const [one, application] = await disconnectedWith("add_certificate");
  const fault: Fault = { ...refusedFor, call: "listFederated", status, code: "BadRequest" };
  product.simulator.world.setTenantFaults(one.tenant.id, [fault]);
  await call(one, "POST");
  expect(await ended(one, "restore")).toMatchObject({ status: "succeeded" });
  expect(application.properties["keyCredentials"]).toEqual([]);
});

async function disconnectedWith(name: DriftName): Promise<[Connected, SimulatedApplication]> {
  const one = await connected();
  const [application] = liveApplications(one.tenant);
  if (!application) throw new Error("it was not connected");
  await call(one, "DELETE");
  await ended(one, "disconnect");
  drifts[name].act(application);
  return [one, application];
}
