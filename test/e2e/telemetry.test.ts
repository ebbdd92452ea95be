import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { factsOfKind } from "../../src/domain/operation-kinds.ts";
import type { Operation, Outcome, Telemetry } from "../../src/domain/telemetry.ts";
import { connect, eventually, type Product, startProduct } from "../support/product.ts";
import { beginSignIn, chooseUser, connectTenant } from "../support/sign-in.ts";

// An observer of ours in the place of the log: what a meter or a tracer of an operator's would see.

let product: Product;
const seen: (Operation & { outcome: Outcome })[] = [];
const telemetry: Telemetry = {
  around: (operation, work) => work((outcome) => void seen.push({ ...operation, outcome })),
};

beforeAll(async () => {
  product = await startProduct();
  product.addReplica({}, { telemetry });
  await product.startWorker({}, {}, { telemetry });
});
afterAll(() => product.stop());
afterEach(() => {
  seen.length = 0;
  product.simulator.world.setFaults([]);
});

const namesOf = (kind: Operation["kind"]) =>
  [...new Set(seen.filter((one) => one.kind === kind).map(({ name }) => name))].toSorted();

it("sees a click and a sign-in under names that repeat, none of which holds an id", async () => {
  const { tenant, base } = await connectTenant(product);
  const browser = new Browser();
  const callback = await chooseUser(browser, tenant, await beginSignIn(browser, base));
  expect((await browser.request(callback, { headers: { accept: "application/json" } })).status).toBe(200);
  await fetch(`${product.origin}/v1/no/such/route-${tenant.id}`, { method: "DELETE" });
  await eventually(() => namesOf("activity").includes("upsertConnection"));
  expect(namesOf("request")).toEqual([
    "GET /v1/sso/connections/:connectionId/callback",
    "GET /v1/sso/connections/:connectionId/initiate",
    "GET /v1/sso/microsoft/consent/callback",
    "POST /v1/session/orgs/:orgId/ms-provision/start",
    "none",
  ]);
  expect(namesOf("activity")).toEqual([...factsOfKind("connect").steps].toSorted());
  expect(namesOf("microsoft")).toEqual(
    expect.arrayContaining([
      "PATCH /servicePrincipals/{id}",
      "PATCH /applications/{id}",
      "POST /applicationTemplates/{id}/instantiate",
      "POST /applications/{id}/addPassword",
      "app token",
      "code",
      "discovery",
    ]),
  );
  expect(seen.map(({ name }) => name).join("\n")).not.toMatch(/[0-9a-f]{8}|mspr_|org_/);
});

it("sees what failed, by status and by code", async () => {
  product.simulator.world.setFaults([{ call: "addPassword", kind: "answer", status: 503, times: 1 }]);
  const { end } = await connect(product, product.addTenant());
  expect(end.searchParams.get("ok")).toBe("microsoft_connected");
  const outcomesOf = (name: string) => seen.filter((one) => one.name === name).map(({ outcome }) => outcome);
  expect(outcomesOf("POST /applications/{id}/addPassword")).toEqual([503, expect.any(Number)]);
  expect(outcomesOf("addPassword")).toEqual(["microsoft_unavailable", "ok"]);
});

it("sees calls that nobody answered", async () => {
  product.simulator.world.setFaults([{ call: "patchApplication", kind: "cut", times: 1 }]);
  await connect(product, product.addTenant());
  expect(seen).toContainEqual({ kind: "microsoft", name: "PATCH /applications/{id}", outcome: 0 });
});

it("one line each, under the ids of what it is for: request, run, Microsoft's own", async () => {
  product.lines.length = 0;
  await product.stopWorkers();
  await product.startWorker();
  product.answerWith(product.api);
  product.simulator.world.setFaults([{ call: "addPassword", kind: "answer", status: 503, times: 1 }]);
  const { id } = await connect(product, product.addTenant());
  const lines = product.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const ids = { workflow_id: `ms-provision-${id}`, provision_id: id };
  expect(lines).toContainEqual(
    expect.objectContaining({
      message: "activity",
      activity: "addPassword",
      outcome: "ok",
      ...ids,
    }) as unknown,
  );
  expect(lines).toContainEqual(
    expect.objectContaining({
      message: "call to Microsoft",
      call: "POST /applications/{id}/addPassword",
      status: 503,
      microsoft_request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      ...ids,
    }) as unknown,
  );
  const codes = lines.filter((line) => line["message"] === "call to Microsoft" && line["call"] === "code");
  expect(codes).toEqual([
    expect.objectContaining({ request_id: expect.stringMatching(/^req_/) as unknown }) as unknown,
  ]);
});

it("a refused sign-in leaves its code and Microsoft's reference in its line", async () => {
  product.answerWith(product.api);
  const { tenant, base } = await connectTenant(product);
  tenant.applications.forEach((one) => (one.disabled = true));
  product.lines.length = 0;
  const browser = new Browser();
  await browser.request(await chooseUser(browser, tenant, await beginSignIn(browser, base)));
  const line = product.lines
    .map((one) => JSON.parse(one) as Record<string, unknown>)
    .find((one) => one["route"] === "GET /v1/sso/connections/:connectionId/callback");
  expect(line).toMatchObject({
    request_id: expect.stringMatching(/^req_/) as unknown,
    code: expect.stringMatching(/^signin_/) as unknown,
    microsoft_code: expect.stringMatching(/^AADSTS\d+$/) as unknown,
    microsoft_correlation_id: expect.any(String) as unknown,
  });
});

it("the log is the observer where nobody gave another", async () => {
  product.lines.length = 0;
  product.answerWith(product.api);
  await fetch(`${product.origin}/healthz`);
  expect(product.lines.map((line) => JSON.parse(line) as object)).toContainEqual(
    expect.objectContaining({
      message: "request",
      route: "GET /healthz",
      status: 200,
      path: "/healthz",
    }) as unknown,
  );
});
