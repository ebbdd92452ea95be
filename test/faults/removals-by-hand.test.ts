import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { operatorToken, type Product, startProduct } from "../support/product.ts";
import { againOfKind, preparedFor, statusOf, untilEnded } from "./support/cases.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { refuseSecrets } from "./support/traffic.ts";

// Operators stop disconnections and put what was stopped, or failed, back to work.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker({ pace: { budgetFactor: 60, retryDelayMs: 60 } });
});
afterAll(() => product.stop());

const rowOf = async (org: string) =>
  (await product.sql`select * from sso_connections where org_id = ${org}`)[0];

describe.concurrent("an operator", () => {
  const asked = async (id: string, verb: "cancel" | "retry") => {
    const answer = await fetch(`${product.origin}/v1/admin/ms-provisions/${id}/${verb}`, {
      method: "POST",
      headers: { authorization: `Bearer ${operatorToken}` },
      body: JSON.stringify({ reason: "test" }),
    });
    return { status: answer.status, code: ((await answer.json()) as { code?: string }).code };
  };
  const away = { kind: "answer", status: 503, times: 1_000_000 } as const;

  it("who stops a disconnection leaves it listed, and a retry removes what is left, once", async () => {
    const one = await preparedFor(product, "disconnect");
    const { world } = product.simulator;
    world.setTenantFaults(one.tenant.id, [{ call: "deleteApplication", ...away }]);
    const id = await againOfKind.disconnect(product, one.tenant, one.org);
    expect((await asked(id, "cancel")).status).toBe(202);
    await untilEnded(product, id);
    expect(await statusOf(product, id)).toMatchObject({ status: "failed", cleanup: "needs_operator" });
    expect((await rowOf(one.org))?.["status"]).toBe("disconnected");
    world.setTenantFaults(one.tenant.id, []);
    const answers = await Promise.all([asked(id, "retry"), asked(id, "retry")]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409]);
    await untilEnded(product, id);
    expect(await statusOf(product, id)).toMatchObject({ status: "succeeded", cleanup: "done" });
    expect(one.application.credentials).toEqual([]);
    expect(one.application.deletedMs).not.toBeNull();
    expect(await brokenInvariants({ product, tenant: one.tenant, requestId: id })).toEqual([]);
  });

  it("who stops a disconnection does not keep its owner from ordering it again", async () => {
    const one = await preparedFor(product, "disconnect");
    product.simulator.world.setTenantFaults(one.tenant.id, [{ call: "deleteApplication", ...away }]);
    const stopped = await againOfKind.disconnect(product, one.tenant, one.org);
    await asked(stopped, "cancel");
    await untilEnded(product, stopped);
    product.simulator.world.setTenantFaults(one.tenant.id, []);
    const id = await againOfKind.disconnect(product, one.tenant, one.org);
    expect(id).not.toBe(stopped);
    await untilEnded(product, id);
    expect(await statusOf(product, id)).toMatchObject({ status: "succeeded", cleanup: "done" });
    expect(one.application.credentials).toEqual([]);
  });

  it("retries a restore that failed after it had minted, and nothing of before comes back", async () => {
    const one = await preparedFor(product, "restore");
    const { world } = product.simulator;
    world.setTenantFaults(one.tenant.id, [
      {
        call: "token",
        of: "connection",
        kind: "answer",
        status: 400,
        code: "invalid_request",
        aadsts: 90_002,
        times: 99,
      },
    ]);
    const id = await againOfKind.restore(product, one.tenant, one.org);
    await untilEnded(product, id);
    expect(await statusOf(product, id)).toMatchObject({ status: "failed", cleanup: "done" });
    expect(one.application.credentials).toEqual([]);
    expect(await brokenInvariants({ product, tenant: one.tenant, requestId: id })).toEqual([]);
    world.setTenantFaults(one.tenant.id, []);
    expect((await asked(id, "retry")).status).toBe(202);
    await untilEnded(product, id);
    expect(await statusOf(product, id)).toMatchObject({ status: "succeeded" });
    expect(await brokenInvariants({ product, tenant: one.tenant, requestId: id })).toEqual([]);
  });

  it("retries no restore after 30 days", async () => {
    const one = await preparedFor(product, "restore");
    product.simulator.world.setTenantFaults(one.tenant.id, [refuseSecrets]);
    const id = await againOfKind.restore(product, one.tenant, one.org);
    await untilEnded(product, id);
    await product.sql`update sso_connections set disconnected_at = now() - interval '31 days' where org_id = ${one.org}`;
    expect(await asked(id, "retry")).toEqual({ status: 410, code: "restore_window_over" });
  });
});

itLeavesNoPlaintext(() => product);
