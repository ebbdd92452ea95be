import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { noRealism, type Fault, type Realism } from "../../src/simulator/options.ts";
import {
  connect,
  eventually,
  liveApplications,
  operatorToken,
  type Product,
  startProduct,
} from "../support/product.ts";
import { refuseProof } from "../support/refuse-proof.ts";

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

const rowOf = async (id: string) =>
  (await product.sql`select * from ms_provision_requests where id = ${id}`)[0];
const cleanedUp = (id: string) =>
  eventually(async () => ["done", "none"].includes((await rowOf(id))?.["cleanup"] as string));

describe("a step that fails for good", () => {
  const refuse = (call: Fault["call"], from = 1): Fault => ({
    call,
    kind: "answer",
    status: 400,
    code: "Request_BadRequest",
    from,
    times: 1000,
  });
  it.each([
    ["instantiate", refuse("instantiate"), "microsoft_refused_request"],
    ["configure the application", refuse("patchApplication"), "microsoft_refused_request"],
    ["configure the service principal", refuse("patchServicePrincipal"), "microsoft_refused_request"],
    ["addPassword", refuse("addPassword"), "microsoft_refused_request"],
    [
      "a policy against secrets",
      {
        call: "addPassword",
        kind: "answer",
        status: 400,
        code: "CredentialTypeNotAllowedAsPerAppPolicy",
        times: 1000,
      },
      "secrets_forbidden_by_policy",
    ],
    ["the proof of the secret", refuseProof, "tenant_not_found"],
    [
      "an instantiate that was refused after it did the work",
      {
        call: "instantiate",
        kind: "answer",
        status: 400,
        code: "Request_BadRequest",
        after: true,
        times: 1000,
      },
      "microsoft_refused_request",
    ],
  ] as const)("%s: zero applications and the reason in the return URL", async (_name, fault, code) => {
    const tenant = product.addTenant();
    product.simulator.world.setFaults([fault]);
    const { end, id } = await connect(product, tenant);
    expect(Object.fromEntries(end.searchParams)).toEqual({ tab: "sso", error: code, request: id });
    product.simulator.world.setFaults([]);
    await cleanedUp(id);
    expect(liveApplications(tenant)).toHaveLength(0);
    expect(
      await product.sql`select id from sso_connections where entra_tenant_id = ${tenant.id}`,
    ).toHaveLength(0);
    await eventually(
      async () =>
        (await product.temporal.workflow.getHandle(`ms-provision-${id}`).describe()).status.name === "FAILED",
    );
    const history = await product.temporal.workflow.getHandle(`ms-provision-${id}`).fetchHistory();
    expect(
      history.events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure?.applicationFailureInfo?.type,
    ).toBe(code);
  });

  it("a deletion that is not visible yet is not taken for done, nor an early 404 for gone", async () => {
    const tenant = product.addTenant();
    product.simulator.world.realism = { ...noRealism, deletionLagMs: 1500 };
    product.simulator.world.setFaults([
      refuse("addPassword"),
      { call: "deleteApplication", kind: "answer", status: 404, code: "Request_ResourceNotFound", times: 1 },
    ]);
    const { end, id } = await connect(product, tenant);
    expect(end.searchParams.get("error")).toBe("microsoft_refused_request");
    await cleanedUp(id);
    expect(liveApplications(tenant)).toHaveLength(0);
  });
});

describe("answers that are lost, late or lies", () => {
  it.each([
    ["instantiate applied, connection dropped", { call: "instantiate", kind: "drop", after: true }],
    [
      "instantiate applied, answered 504",
      { call: "instantiate", kind: "answer", status: 504, code: "UnknownError", after: true },
    ],
    [
      "instantiate applied, answered 404",
      { call: "instantiate", kind: "answer", status: 404, code: "Request_ResourceNotFound", after: true },
    ],
    ["instantiate applied, answer truncated", { call: "instantiate", kind: "truncate" }],
    ["instantiate dropped before", { call: "instantiate", kind: "drop" }],
    ["addPassword applied, connection dropped", { call: "addPassword", kind: "drop", after: true }],
    ["addPassword answered with HTML", { call: "addPassword", kind: "html", status: 502 }],
    [
      "PATCH answered 409",
      { call: "patchApplication", kind: "answer", status: 409, code: "Directory_ConcurrencyViolation" },
    ],
    [
      "throttled with seconds",
      { call: "addPassword", kind: "answer", status: 429, code: "TooManyRequests", retryAfter: "1" },
    ],
    ["token endpoint answers an empty body", { call: "token", kind: "empty", status: 503, from: 2 }],
    ["the code exchange answers 502 once", { call: "token", kind: "html", status: 502 }],
    ["the code is spent and its answer lost", { call: "token", kind: "drop", after: true }],
    ["discovery answers 500", { call: "discovery", kind: "html", status: 500 }],
  ] as const)("%s: one application, one credential, live", async (_name, fault) => {
    const tenant = product.addTenant();
    product.simulator.world.setFaults([fault]);
    const { end } = await connect(product, tenant);
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(liveApplications(tenant)).toHaveLength(1);
    expect(liveApplications(tenant)[0]?.credentials).toHaveLength(1);
  });

  it.each([
    ["application lag", { applicationLagMs: 1500 }],
    ["service principal lag", { servicePrincipalLagMs: 1500 }],
    ["list lag", { listLagMs: 1500 }],
    ["credential lag", { credentialLagMs: 1500 }],
    ["tokens without roles at first", { roleLagMs: 1500 }],
    ["permissions that spread late", { permissionLagMs: 1500 }],
    ["secrets that work late", { secretLagMs: 1500 }],
    ["slow answers", { latencyMs: 150 }],
  ] as [string, Partial<Realism>][])("%s: it waits and gets there", async (_name, realism) => {
    const tenant = product.addTenant();
    product.simulator.world.realism = { ...noRealism, ...realism };
    const { end } = await connect(product, tenant);
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(liveApplications(tenant)).toHaveLength(1);
  });

  it("a policy of 90 days gets a secret of 90 days, and the row has the real end", async () => {
    const tenant = product.addTenant();
    product.simulator.world.realism = { ...noRealism, secretLifetimeMaxDays: 90 };
    const { end } = await connect(product, tenant);
    const [row] =
      await product.sql`select secret_expires_at from sso_connections where id = ${end.searchParams.get("connection")}`;
    expect(Math.round((Number(row?.["secret_expires_at"]) - Date.now()) / 86_400_000)).toBe(90);
  });
});

describe("on-call", () => {
  it("retries a failed request after its clean-up, under a new generation", async () => {
    const tenant = product.addTenant();
    product.simulator.world.setFaults([
      { call: "addPassword", kind: "answer", status: 400, code: "CredentialTypeNotAllowedAsPerAppPolicy" },
    ]);
    const { id } = await connect(product, tenant);
    await cleanedUp(id);
    const url = `${product.origin}/v1/admin/ms-provisions/${id}/retry`;
    const order = {
      method: "POST",
      headers: { authorization: `Bearer ${operatorToken}` },
      body: JSON.stringify({ reason: "policy was lifted" }),
    };
    expect((await fetch(url, { ...order, headers: { authorization: "Bearer wrong" } })).status).toBe(401);
    const [first, second] = await Promise.all([fetch(url, order), fetch(url, order)]);
    expect([first?.status, second?.status].toSorted()).toEqual([202, 409]);
    await eventually(async () => (await rowOf(id))?.["status"] === "succeeded");
    expect(liveApplications(tenant)).toHaveLength(1);
    expect(liveApplications(tenant)[0]?.properties["tags"]).toContain(`${id}.2`);
    expect(((await (await fetch(url, order)).json()) as { code: string }).code).toBe("not_failed");
  });
});

describe("reconnect", () => {
  it("keeps connection and application, replaces the credential", async () => {
    const tenant = product.addTenant();
    const first = await connect(product, tenant);
    const [before] = liveApplications(tenant);
    const oldKey = before?.credentials[0]?.keyId;
    const second = await connect(product, tenant, { org: first.org });
    expect(second.end.searchParams.get("connection")).toBe(first.end.searchParams.get("connection"));
    expect(liveApplications(tenant).map(({ id }) => id)).toEqual([before?.id]);
    await eventually(() => before?.credentials.length === 1 && before.credentials[0]?.keyId !== oldKey);
  });

  it("creates a missing application anew under the same connection", async () => {
    const tenant = product.addTenant();
    const first = await connect(product, tenant);
    for (const application of tenant.applications) application.deletedMs = Date.now();
    const second = await connect(product, tenant, { org: first.org });
    expect(second.end.searchParams.get("connection")).toBe(first.end.searchParams.get("connection"));
    expect(liveApplications(tenant)).toHaveLength(1);
  });

  it("leaves the old state working when it fails", async () => {
    const tenant = product.addTenant();
    const first = await connect(product, tenant);
    const [application] = liveApplications(tenant);
    const oldKey = application?.credentials[0]?.keyId;
    product.simulator.world.setFaults([
      {
        call: "addPassword",
        kind: "answer",
        status: 400,
        code: "CredentialTypeNotAllowedAsPerAppPolicy",
        times: 100,
      },
    ]);
    const second = await connect(product, tenant, { org: first.org });
    expect(second.end.searchParams.get("error")).toBe("secrets_forbidden_by_policy");
    await cleanedUp(second.id);
    expect(liveApplications(tenant).map(({ id }) => id)).toEqual([application?.id]);
    expect(application?.credentials.map(({ keyId }) => keyId)).toEqual([oldKey]);
  });
});
