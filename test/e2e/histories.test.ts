import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fault } from "../../src/simulator/options.ts";
import { factsOfKind } from "../../src/domain/operation-kinds.ts";
import { againOfKind, preparedFor, proveAndStart, statusOf, untilEnded } from "../faults/support/cases.ts";
import {
  connect,
  eventually,
  liveApplications,
  newOrg,
  operatorToken,
  type Product,
  startProduct,
} from "../support/product.ts";
import { recordHistory } from "../support/record-history.ts";

// The order of activities in each kind of run. With RECORD_HISTORIES=1 the histories are stored for the replay test.
let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

const steps = [
  "instantiateApplication",
  "configureOidc",
  "addPassword",
  "sealSecret",
  "proveSecret",
  "upsertConnection",
];
const forbidden = (call: Fault["call"]): Fault => ({
  call,
  kind: "answer",
  status: 400,
  code: "CredentialTypeNotAllowedAsPerAppPolicy",
  times: 100,
});

it.each([
  ["succeeded", undefined, steps],
  [
    "failed",
    {
      call: "discovery",
      kind: "answer",
      status: 400,
      code: "invalid_tenant",
      aadsts: 90_002,
      from: 2,
      times: 100,
    },
    ["instantiateApplication", "recordFailure"],
  ],
  [
    "compensated",
    forbidden("addPassword"),
    [...steps.slice(0, 3), "recordFailure", "deleteOrphanedApplication"],
  ],
] as const)("a run that %s schedules these activities, in this order", async (name, fault, expected) => {
  const tenant = product.addTenant();
  // A worker's looks at domains of other connections count for nothing.
  product.simulator.world.setFaults([]);
  product.simulator.world.setTenantFaults(tenant.id, fault ? [fault] : []);
  const { id } = await connect(product, tenant);
  expect(await recorded(name, `ms-provision-${id}`)).toEqual(expected);
});

const asked = async (id: string, verb: "cancel" | "retry") => {
  const url = `${product.origin}/v1/admin/ms-provisions/${id}/${verb}`;
  const headers = { authorization: `Bearer ${operatorToken}` };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ reason: "a test" }) });
  expect(answer.status).toBe(202);
};

it("a renewal begins with its application, and configures none", async () => {
  product.simulator.world.setFaults([]);
  const [tenant, org] = [product.addTenant(), newOrg()];
  await connect(product, tenant, { org });
  const operationId = await againOfKind.renew(product, tenant, org);
  const steps = await recorded("renewed", `ms-renew-${operationId}`);
  expect(steps).toEqual([...factsOfKind("renew").steps, "removeSupersededCredentials"]);
});

it("a change of access is made at Microsoft, then recorded", async () => {
  product.simulator.world.setFaults([]);
  const [tenant, org] = [product.addTenant(), newOrg()];
  await connect(product, tenant, { org });
  const operationId = await againOfKind.change_access(product, tenant, org);
  const steps = await recorded("access-changed", `ms-access-${operationId}`);
  expect(steps).toEqual(factsOfKind("change_access").steps);
});

it("a release takes our app away, then says so", async () => {
  product.simulator.world.setFaults([]);
  const [tenant, org] = [product.addTenant(), newOrg()];
  await connect(product, tenant, { org });
  const id = await againOfKind.release(product, tenant, org);
  expect(await recorded("released", `ms-release-${id}`)).toEqual(factsOfKind("release").steps);
});

it("a disconnection removes and records it, a restore brings back and mints", async () => {
  const { tenant, org } = await preparedFor(product, "disconnect");
  for (const [kind, name] of [
    ["disconnect", "disconnected"],
    ["restore", "restored"],
  ] as const) {
    const id = await againOfKind[kind](product, tenant, org);
    expect(await recorded(name, `${factsOfKind(kind).workflowIdPrefix}-${id}`)).toEqual(
      factsOfKind(kind).steps,
    );
  }
});

it("a disconnection that Microsoft does not let happen is recorded so, and a restore that fails is undone", async () => {
  const refused = { kind: "answer", status: 400, code: "Request_BadRequest", times: 1_000_000 } as const;
  const one = await preparedFor(product, "disconnect");
  product.simulator.world.setTenantFaults(one.tenant.id, [{ call: "deleteApplication", ...refused }]);
  const left = await againOfKind.disconnect(product, one.tenant, one.org);
  expect(await recorded("left", `ms-disconnect-${left}`)).toEqual(factsOfKind("disconnect").steps);
  expect(await statusOf(product, left)).toMatchObject({ status: "succeeded", cleanup: "needs_operator" });
  const { tenant, org } = await preparedFor(product, "restore");
  product.simulator.world.setTenantFaults(tenant.id, [forbidden("addPassword")]);
  const id = await againOfKind.restore(product, tenant, org);
  expect(await recorded("unrestored", `ms-restore-${id}`)).toEqual([
    "restoreApplication",
    "addPassword",
    "recordFailure",
    "deleteOrphanedApplication",
  ]);
});

it("a run that is cancelled undoes what it made, and an operator's retry is a run from the start", async () => {
  const tenant = product.addTenant();
  product.simulator.world.setTenantFaults(tenant.id, [
    { call: "addPassword", kind: "answer", status: 503, times: 1_000_000 },
  ]);
  const { id } = await proveAndStart(product, tenant);
  await eventually(() => liveApplications(tenant).length > 0);
  await asked(id, "cancel");
  await untilEnded(product, id);
  expect((await recorded("cancelled", `ms-provision-${id}`)).slice(-2)).toEqual([
    "recordFailure",
    "deleteOrphanedApplication",
  ]);
  product.simulator.world.setTenantFaults(tenant.id, []);
  await asked(id, "retry");
  await eventually(async () => (await statusOf(product, id)).status === "succeeded");
  expect((await recorded("retried", `ms-provision-${id}`)).slice(0, steps.length)).toEqual(steps);
});

it("a pass of maintenance", async () => {
  const schedule = product.temporal.schedule.getHandle("ms-maintenance");
  await schedule.trigger();
  await eventually(async () => (await schedule.describe()).info.recentActions.length > 0);
  const [action] = (await schedule.describe()).info.recentActions;
  const scheduled = await recorded("maintained-looking", action?.action.workflow.workflowId ?? "");
  expect(scheduled).toEqual(
    expect.arrayContaining(["settleDue", "renewDue", "lookAtConnections", "listTenants"]),
  );
});

/** The activities of a workflow that has closed, in the order they were scheduled; stores its history where that is asked. */
async function recorded(name: string, workflowId: string): Promise<string[]> {
  const history = await recordHistory(product, name, workflowId);
  return (history.events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
  );
}
