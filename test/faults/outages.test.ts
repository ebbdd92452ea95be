import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reconcile } from "../../src/operations/reconcile.ts";
import { findOperationOf } from "../../src/db/connection-operations/find-operation.ts";
import { requireCurrentRun } from "../../src/db/connection-operations/fence.ts";
import { recordApplication } from "../../src/db/connection-operations/notes.ts";
import { openDatabase } from "../../src/db/client.ts";
import { newApplication } from "../../src/simulator/directory.ts";
import {
  connect,
  eventually,
  liveApplications,
  newOrg,
  type Product,
  startProduct,
} from "../support/product.ts";
import { connectionRows } from "../support/connection-rows.ts";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { refuseProof } from "../support/refuse-proof.ts";
import type { TcpProxy } from "../support/tcp-proxy.ts";
import { byName, proveAndStart, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { statements } from "./support/traffic.ts";
import { watchPostgres } from "./support/watched-postgres.ts";

// Postgres goes away at each statement of a run, its answer lost or not; Temporal loses its store; attempts wake late.

const ways = ["cut before", "applied, answer lost"] as const;
const cases = statements.flatMap(({ name, matches, which, undo }) =>
  ways.flatMap((way) =>
    [1, 3].map((times) => ({ name: `${name} × ${way} × ${times}`, matches, which, way, times, undo })),
  ),
);

let product: Product;
let proxy: TcpProxy;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_ADOPT_WINDOW_MS: "400" });
  const watched = await watchPostgres(product.environment["DATABASE_URL"]);
  ({ proxy } = watched);
  await product.startWorker({ pace: { budgetFactor: 200, retryDelayMs: 60 } }, { DATABASE_URL: watched.url });
});
afterAll(async () => {
  await product.stop();
  await proxy.close();
});

describe("Postgres away", () => {
  it.each(byName(cases))(
    "at %s",
    { timeout: 300_000 },
    async (_name, { matches, which, way, times, undo }) => {
      const tenant = product.addTenant();
      if (undo) product.simulator.world.setTenantFaults(tenant.id, [refuseProof]);
      let left = times;
      let isNext = false;
      proxy.watch = (text) => {
        if (left === 0 || (!isNext && !matches.test(text))) return "pass";
        isNext = which === "next" && !isNext;
        if (isNext) return "pass";
        left -= 1;
        return way === "cut before" ? "cut" : "forward and cut";
      };
      const { id } = await proveAndStart(product, tenant);
      await untilEnded(product, id, 240_000);
      proxy.watch = () => "pass";
      expect(left, "the statement was met").toBeLessThan(times);
      expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
      expect((await statusOf(product, id)).status).toBe(undo ? "failed" : "succeeded");
    },
  );
});

describe("Temporal", () => {
  it.each(["while it creates", "after the application is there", "while it is undone"])(
    "lost its store %s: the request is driven again and converges",
    async (when) => {
      const tenant = product.addTenant();
      const { world } = product.simulator;
      const held = { kind: "answer", status: 503, times: 1_000_000 } as const;
      world.setTenantFaults(
        tenant.id,
        {
          "while it creates": [{ call: "instantiate" as const, ...held, after: true }],
          "after the application is there": [{ call: "addPassword" as const, ...held }],
          "while it is undone": [refuseProof, { call: "deleteApplication" as const, ...held }],
        }[when] ?? [],
      );
      const { id } = await proveAndStart(product, tenant);
      await eventually(() => liveApplications(tenant).length > 0);
      if (when === "while it is undone")
        await eventually(async () => (await statusOf(product, id)).cleanup === "pending");
      const handle = product.temporal.workflow.getHandle(`ms-provision-${id}`);
      await handle.terminate("the store is lost");
      await product.temporal.workflowService.deleteWorkflowExecution({
        namespace: product.environment["TEMPORAL_NAMESPACE"] ?? "",
        workflowExecution: { workflowId: handle.workflowId },
      });
      world.setTenantFaults(tenant.id, when === "while it is undone" ? [refuseProof] : []);
      const database = openDatabase(product.environment["DATABASE_URL"] ?? "", { poolMax: 1 });
      const ctx = { database, runs: product.api.runs, log: product.log };
      await eventually(async () => {
        await reconcile({ ctx, input: { ssoOrigin: product.origin } });
        const { status, cleanup } = await statusOf(product, id);
        return (status === "succeeded" || status === "failed") && cleanup !== "pending";
      });
      await database.close();
      await untilEnded(product, id);
      expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
    },
  );

  it("a zombie attempt that wakes after its successor finished can write nothing", async () => {
    const tenant = product.addTenant();
    const { id } = await proveAndStart(product, tenant);
    await untilEnded(product, id);
    const database = openDatabase(product.environment["DATABASE_URL"] ?? "", { poolMax: 1 });
    const operation = await findOperationOf(database, id as never);
    const run = {
      operationId: operation?.id as never,
      generation: 1,
      workflowId: `ms-provision-${id}`,
      ssoOrigin: product.origin,
    };
    await expect(requireCurrentRun(database, run)).rejects.toMatchObject({ code: "run_not_current" });
    const [application] = liveApplications(tenant);
    const ids = {
      appObjectId: application?.id,
      appId: application?.appId,
      servicePrincipalId: "x",
      adopted: false,
    };
    await expect(recordApplication(database, run, ids as never)).rejects.toMatchObject({
      code: "run_not_current",
    });
    await database.close();
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
  });
});

describe("reconnect", () => {
  it.each(["addPassword", "patchApplication", "getApplication"] as const)(
    "the existing connection works throughout a reconnect that fails at %s",
    async (failing) => {
      const [tenant, org] = [product.addTenant(), newOrg()];
      const first = await proveAndStart(product, tenant, org);
      await untilEnded(product, first.id);
      const before = await connectionRows(product.sql, org);
      product.simulator.world.setTenantFaults(tenant.id, [
        { call: failing, kind: "answer", status: 400, code: "Request_BadRequest", times: 1_000_000 },
      ]);
      const second = await proveAndStart(product, tenant, org);
      await eventually(async () => (await statusOf(product, second.id)).status === "failed");
      product.simulator.world.setTenantFaults(tenant.id, []);
      await untilEnded(product, second.id);
      expect(await connectionRows(product.sql, org)).toEqual(before);
      expect(await brokenInvariants({ product, tenant, requestId: first.id })).toEqual([]);
    },
  );
});

describe("on-call's retry", () => {
  const retry = async (id: string) => {
    const { operatorToken } = await import("../support/product.ts");
    return fetch(`${product.origin}/v1/admin/ms-provisions/${id}/retry`, {
      method: "POST",
      headers: { authorization: `Bearer ${operatorToken}` },
      body: JSON.stringify({ reason: "test" }),
    });
  };
  const failed = async () => {
    const tenant = product.addTenant();
    product.simulator.world.setTenantFaults(tenant.id, [refuseProof]);
    const { id, org } = await proveAndStart(product, tenant);
    await untilEnded(product, id);
    product.simulator.world.setTenantFaults(tenant.id, []);
    return { tenant, id, org };
  };

  it("while clean-up runs: 409, and then it works", async () => {
    const tenant = product.addTenant();
    product.simulator.world.setTenantFaults(tenant.id, [
      refuseProof,
      { call: "deleteApplication", kind: "answer", status: 503, times: 1_000_000 },
    ]);
    const { id } = await proveAndStart(product, tenant);
    await eventually(async () => (await statusOf(product, id)).cleanup === "pending");
    expect(await (await retry(id)).json()).toMatchObject({ code: "cleanup_in_progress" });
    product.simulator.world.setTenantFaults(tenant.id, []);
    await untilEnded(product, id);
    expect((await retry(id)).status).toBe(202);
    await eventually(async () => (await statusOf(product, id)).status === "succeeded", 80_000);
    await untilEnded(product, id);
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
  });

  it("twice at once: one of them", async () => {
    const { tenant, id } = await failed();
    const answers = await Promise.all([retry(id), retry(id)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409]);
    await eventually(async () => (await statusOf(product, id)).status === "succeeded", 80_000);
    await untilEnded(product, id);
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
  });

  it("after a late arrival of the failed generation: its own application stays, the late one goes", async () => {
    const { tenant, id } = await failed();
    const late = newApplication(`Authio SSO ${id}.1`, product.simulator.world.provisioningApp.clientId);
    tenant.applications.push(late);
    expect((await retry(id)).status).toBe(202);
    await eventually(async () => (await statusOf(product, id)).status === "succeeded", 80_000);
    await untilEnded(product, id);
    await eventually(() => late.deletedMs !== null, 120_000);
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
  });

  it("after a newer request succeeded, and after the proof grew old: 409 with what to do", async () => {
    const { tenant, id, org } = await failed();
    await product.sql`update ms_provision_requests set proved_at = now() - interval '61 minutes' where id = ${id}`;
    expect(await (await retry(id)).json()).toMatchObject({
      code: "proof_expired",
      action: "Ask the customer to click Connect Microsoft once more.",
    });
    await connect(product, tenant, { org });
    expect(await (await retry(id)).json()).toMatchObject({ code: "newer_request_exists" });
  });
});

itLeavesNoPlaintext(() => product);

itHasDocumentedCases("Postgres", cases.length);
