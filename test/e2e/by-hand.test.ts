import { randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { type WorkflowHandleWithFirstExecutionRunId } from "@temporalio/client";
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from "@temporalio/worker";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { taskQueue } from "../../src/domain/provision-contract.ts";
import { newApplication, newCredential } from "../../src/simulator/directory.ts";
import { type Answer, type byHand, callUpdate, endSignal } from "../support/by-hand-workflow.ts";
import { connectionRows } from "../support/connection-rows.ts";
import {
  connect,
  consent,
  eventually,
  liveApplications,
  newOrg,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";

// Somebody has the right to start workflows and activities in the namespace, and nothing else: with a worker of their
// own they have ours run any activity with any input.

let product: Product;
let stopHostileWorker: () => Promise<void>;
const hostileQueue = "somebody-else";

beforeAll(async () => {
  product = await startProduct({ AUTHIO_CALLBACK_WAIT_MS: "0" });
  await product.startWorker();
  const connection = await NativeConnection.connect({
    address: product.environment["TEMPORAL_ADDRESS"] ?? "",
  });
  const worker = await Worker.create({
    connection,
    namespace: product.environment["TEMPORAL_NAMESPACE"] ?? "",
    taskQueue: hostileQueue,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL("../support/by-hand-workflow.ts", import.meta.url)),
      logger: new DefaultLogger("WARN"),
    }),
  });
  const running = worker.run();
  stopHostileWorker = async () => {
    worker.shutdown();
    await running;
    await connection.close();
  };
});
afterAll(async () => {
  await stopHostileWorker();
  await product.stop();
});

const opened: WorkflowHandleWithFirstExecutionRunId<typeof byHand>[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((handle) => handle.signal(endSignal).catch(() => undefined)));
});

/** Their workflow under an id of their choice; calls an activity of ours. */
async function openByHand(workflowId: string) {
  const handle = await product.temporal.workflow.start<typeof byHand>("byHand", {
    workflowId,
    taskQueue: hostileQueue,
  });
  opened.push(handle);
  return (name: string, input: unknown): Promise<Answer> =>
    handle.executeUpdate(callUpdate, { args: [name, input] });
}

/** A run that Microsoft holds up before a secret is minted; another application of the customer's lies beside ours. */
async function heldUp() {
  const [browser, org, tenant] = [new Browser(), newOrg(), product.addTenant()];
  product.simulator.world.setTenantFaults(tenant.id, [
    { call: "addPassword", kind: "answer", status: 503, times: 999 },
  ]);
  const { id, consent_url: consentUrl } = await start(product, browser, org);
  const callback = await consent(browser, consentUrl, tenant);
  await browser.follow(await browser.request(callback), (url) => url.pathname.includes("/provisions/"));
  const workflowId = `ms-provision-${id}`;
  await eventually(async () => {
    const [row] =
      await product.sql`select credential_attempt from connection_operations where request_id = ${id}`;
    return Number(row?.["credential_attempt"]) > 0;
  });
  const payroll = newApplication("Payroll", product.simulator.world.provisioningApp.clientId);
  payroll.credentials.push(newCredential("theirs", new Date(Date.now() + 86_400_000).toISOString()));
  tenant.applications.push(payroll);
  const own = liveApplications(tenant)[0] as NonNullable<ReturnType<typeof liveApplications>[0]>;
  return { id, operationId: await operationIdOf(id), org, tenant, workflowId, payroll, own };
}

const operationIdOf = async (id: string): Promise<string> =>
  String((await product.sql`select id from connection_operations where request_id = ${id}`)[0]?.["id"]);

const rowOf = async (id: string) =>
  (await product.sql`select * from ms_provision_requests where id = ${id}`)[0];
const connectionsOf = (org: string) => connectionRows(product.sql, org);
const callsTo = (tenant: { id: string }) =>
  product.simulator.world.calls.filter(({ tenantId }) => tenantId === tenant.id).length;

/** An input with everything that a step could ever want, all of it of somebody else. */
const forged = (id: string, operationId: string, payroll: { id: string; appId: string }) => ({
  requestId: id,
  operationId,
  generation: 1,
  workflowId: `ms-provision-${id}`,
  ssoOrigin: product.origin,
  appObjectId: payroll.id,
  appId: payroll.appId,
  servicePrincipalId: randomUUID(),
  adopted: false,
  issuer: "https://evil.example.com",
  redirectUri: "https://evil.example.com/callback",
  usersConsented: true,
  transitSecret: `asv1.${randomBytes(200).toString("base64url")}`,
  sealedSecret: `asv1.${randomBytes(200).toString("base64url")}`,
  secretKeyId: randomUUID(),
  secretExpiresAt: "2099-01-01T00:00:00.000Z",
  sealMac: randomBytes(32).toString("base64url"),
  proofMac: randomBytes(32).toString("base64url"),
  code: "internal",
});
const steps = [
  "instantiateApplication",
  "configureOidc",
  "beginRenewal",
  "addPassword",
  "sealSecret",
  "proveSecret",
  "upsertConnection",
];
const afterwards = [
  "removeSupersededCredentials",
  "recordFailure",
  "deleteOrphanedApplication",
  "recordCleanupNeedsOperator",
];

describe("a workflow under another id", () => {
  it("gets nothing done for a run under way", async () => {
    const { id, operationId, org, payroll, own } = await heldUp();
    const state = structuredClone([payroll, own]);
    const call = await openByHand(`by-hand-${id}`);
    for (const name of [...steps, ...afterwards])
      expect([name, await call(name, forged(id, operationId, payroll))]).toEqual([name, expectedOf(name)]);
    expect([payroll, own]).toEqual(state);
    expect((await rowOf(id))?.["status"]).toBe("provisioning");
    expect(await connectionsOf(org)).toEqual([]);
  });

  it("gets nothing done for a run that has ended", async () => {
    const [tenant, org] = [product.addTenant(), newOrg()];
    product.simulator.world.setFaults([]);
    const { id } = await connect(product, tenant, { org });
    await eventually(async () => (await rowOf(id))?.["status"] === "succeeded");
    const before = await connectionsOf(org);
    const call = await openByHand(`by-hand-${id}`);
    const input = forged(id, await operationIdOf(id), newApplication("Payroll", randomUUID()));
    for (const name of [...steps, ...afterwards])
      expect([name, await call(name, input)]).toEqual([name, expectedOf(name)]);
    expect(await connectionsOf(org)).toEqual(before);
  });

  /** Steps that look first and find no row of theirs answer that there was nothing to do. */
  function expectedOf(name: string): unknown {
    const nothing: Record<string, unknown> = {
      removeSupersededCredentials: { result: { removed: 0 } },
      recordFailure: { result: { kind: "stale" } },
      deleteOrphanedApplication: { result: { deleted: [] } },
      recordCleanupNeedsOperator: { result: {} },
    };
    return nothing[name] ?? { refused: "run_not_current" };
  }
});

describe("a workflow that took the run's own id", () => {
  /** The real run is stopped, and theirs is there before the reconciler looks. */
  async function taken() {
    const run = await heldUp();
    await product.temporal.workflow.getHandle(run.workflowId).terminate("taken over");
    const call = await openByHand(run.workflowId);
    product.simulator.world.setTenantFaults(run.tenant.id, []);
    return { ...run, call, input: forged(run.id, run.operationId, run.payroll) };
  }

  it("writes nothing but what the row says, where it says", async () => {
    const { id, operationId, org, tenant, payroll, own, call, input } = await taken();
    const before = structuredClone(payroll);
    expect(await call("configureOidc", input)).toMatchObject({
      result: { redirectUri: expect.stringContaining(product.origin) as unknown },
    });
    const minted = (await call("addPassword", input)) as { result: Record<string, string> };
    const run = { operationId, generation: 1 };
    expect(
      await call("sealSecret", { ...input, ...minted.result, secretExpiresAt: input.secretExpiresAt }),
    ).toEqual({ refused: "internal" });
    const sealed = (await call("sealSecret", { ...input, ...minted.result })) as typeof minted;
    const proved = (await call("proveSecret", { ...input, ...minted.result })) as typeof minted;
    const good: Record<string, string> = { ...sealed.result, ...proved.result };
    // Each part of another origin: an end that never comes, another key, another envelope, a guessed word.
    for (const field of ["secretExpiresAt", "secretKeyId", "sealedSecret", "sealMac", "proofMac"])
      expect([
        field,
        await call("upsertConnection", { ...run, ...good, [field]: input[field as never] }),
      ]).toEqual([field, { refused: "internal" }]);
    expect(await call("upsertConnection", { ...run, ...good, sealMac: good["proofMac"] })).toEqual({
      refused: "internal",
    });
    expect(await connectionsOf(org)).toEqual([]);
    expect((await rowOf(id))?.["status"]).toBe("provisioning");

    expect(await call("upsertConnection", { ...input, ...good })).toMatchObject({ result: {} });
    expect(await connectionsOf(org)).toMatchObject([
      {
        app_object_id: own.id,
        app_id: own.appId,
        issuer: `${product.simulator.origin}/${tenant.id}/v2.0`,
        redirect_uri: expect.stringContaining(product.origin) as unknown,
        secret_key_id: own.credentials[0]?.keyId,
        users_consented_at: null,
      },
    ]);
    expect(payroll.properties).toEqual(before.properties);
    expect(payroll.credentials).toEqual(before.credentials);
  });

  it("cannot pass a secret of another run off as this one's", async () => {
    const first = await taken();
    const sealOf = async ({ call, input }: typeof first) => {
      const minted = (await call("addPassword", input)) as { result: Record<string, string> };
      const sealed = (await call("sealSecret", { ...input, ...minted.result })) as typeof minted;
      const proved = (await call("proveSecret", { ...input, ...minted.result })) as typeof minted;
      return { ...minted.result, ...sealed.result, ...proved.result };
    };
    const other = await sealOf(first);
    const second = await taken();
    await sealOf(second);
    for (const name of ["sealSecret", "proveSecret", "upsertConnection"])
      expect([name, await second.call(name, { ...second.input, ...other })]).toEqual([
        name,
        { refused: "internal" },
      ]);
    expect(await connectionsOf(second.org)).toEqual([]);
  });

  it("stays within the steps of its kind, and cannot write words of its own to the person", async () => {
    const { id, call, input } = await taken();
    expect(await call("beginRenewal", input)).toEqual({ refused: "run_not_current" });
    await call("recordFailure", {
      ...input,
      code: "you_won",
      microsoft: { code: "<b>Call +1 555 0100</b>", correlationId: "x" },
    });
    expect(await rowOf(id)).toMatchObject({
      status: "failed",
      error_code: "internal",
      error_microsoft: null,
    });
  });

  it("is refused under another sso origin than the row's", async () => {
    const { id, org, call, input, payroll } = await taken();
    await product.sql`update connection_operations set sso_origin = 'https://sso.staging.example.com' where request_id = ${id}`;
    for (const name of steps)
      expect([name, await call(name, input)]).toEqual([name, { refused: "run_not_current" }]);
    expect(await call("recordFailure", input)).toEqual({ result: { kind: "stale" } });
    expect(payroll.credentials).toHaveLength(1);
    expect(await connectionsOf(org)).toEqual([]);
    await product.sql`update connection_operations set status = 'failed', error_code = 'internal', completed_at = now() where request_id = ${id}`;
  });
});

describe("an activity without a workflow", () => {
  const alone = (name: string, input: unknown, id = `alone-${randomUUID()}`) =>
    product.temporal.activity
      .execute(name, {
        id,
        taskQueue,
        args: [input],
        startToCloseTimeout: "20s",
        retry: { maximumAttempts: 1 },
      })
      .catch((error: { cause?: { type?: string } }) => ({ refused: error.cause?.type }));

  it("is refused, whatever its id", async () => {
    const { id, operationId, tenant, workflowId, payroll, own } = await heldUp();
    const state = structuredClone([payroll, own]);
    for (const name of [...steps, ...afterwards])
      expect([name, await alone(name, forged(id, operationId, payroll), workflowId)]).toEqual([
        name,
        { refused: "run_not_current" },
      ]);
    for (const name of ["settleDue", "renewDue", "listTenants", "sweepTenant"])
      expect([name, await alone(name, { entraTenantId: tenant.id })]).toEqual([
        name,
        { refused: "run_not_current" },
      ]);
    expect([payroll, own]).toEqual(state);
    expect((await rowOf(id))?.["status"]).toBe("provisioning");
  });
});

it("the sweep looks at no tenant that is nobody's", async () => {
  const tenant = product.addTenant();
  const call = await openByHand(`by-hand-${randomUUID()}`);
  expect(await call("sweepTenant", { entraTenantId: tenant.id })).toEqual({ refused: "not_found" });
  expect(callsTo(tenant)).toBe(0);
});
