import { writeFileSync } from "node:fs";
import path from "node:path";
import proto from "@temporalio/proto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fault } from "../../src/simulator/options.ts";
import { connect, eventually, type Product, startProduct } from "../support/product.ts";

// The order of activities in each kind of run. With RECORD_HISTORIES=1 the histories are stored for the replay test.
let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

const steps = [
  "discoverIssuer",
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
  ["succeeded", undefined, [...steps, "removeSupersededCredentials"]],
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
    ["discoverIssuer", "recordFailure"],
  ],
  [
    "compensated",
    forbidden("addPassword"),
    [...steps.slice(0, 4), "recordFailure", "deleteOrphanedApplication"],
  ],
] as const)("a run that %s schedules these activities, in this order", async (name, fault, expected) => {
  const tenant = product.addTenant();
  product.simulator.world.setFaults(fault ? [fault] : []);
  const { id } = await connect(product, tenant);
  const handle = product.temporal.workflow.getHandle(`ms-provision-${id}`);
  await eventually(async () => (await handle.describe()).status.name !== "RUNNING");
  const history = await handle.fetchHistory();
  const scheduled = (history.events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
  );
  expect(scheduled).toEqual(expected);
  if (process.env["RECORD_HISTORIES"] === "1")
    writeFileSync(
      path.join(import.meta.dirname, "../replay/histories", `${name}.pb`),
      proto.temporal.api.history.v1.History.encode(history).finish(),
    );
});
