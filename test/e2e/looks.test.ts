import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Fault, noRealism } from "../../src/simulator/options.ts";
import { drift, startLooking } from "../support/looking.ts";
import { eventually, type Product, startProduct } from "../support/product.ts";

// What a look at an application does, and what it concludes where Microsoft does not tell.

let product: Product;
let looking: ReturnType<typeof startLooking>;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  looking = startLooking(product);
});
afterAll(async () => {
  await looking.stop();
  await product.stop();
});
afterEach(() => {
  product.simulator.world.setFaults([]);
  product.simulator.world.hook = undefined;
  product.simulator.world.realism = noRealism;
});

describe("a look", () => {
  it("is at suspended connections too, and at no disconnected ones; it writes nothing at Microsoft", async () => {
    const [one, gone] = [await looking.connected(), await looking.connected()];
    await looking.call(one, "PATCH", { status: "suspended" });
    await looking.call(gone, "DELETE");
    await eventually(async () => !("operation" in (await looking.viewOf(gone))));
    drift(one, "remove_claims");
    const before = product.simulator.world.calls.length;
    expect(await looking.lookTwice(one, gone)).toMatchObject([
      { due: 1, looked: 1 },
      { due: 1, looked: 1 },
    ]);
    const calls = new Set(product.simulator.world.calls.slice(before).map(({ call }) => call));
    expect([...calls].toSorted()).toEqual([
      "getApplication",
      "getServicePrincipal",
      "listFederated",
      "token",
    ]);
    expect(await looking.viewOf(one)).toMatchObject({
      status: "suspended",
      needs_attention: { reasons: [{ code: "claims_changed" }] },
    });
    expect(one.application.properties["optionalClaims"]).toBeNull();
    expect(await looking.viewOf(gone)).not.toHaveProperty("needs_attention");
  });

  it("that is stopped says nothing about Microsoft", async () => {
    const one = await looking.connected();
    await looking.look(one);
    await product.sql`update connection_health set due_at = now() where connection_id = ${one.id}`;
    await expect(looking.lookAtDue(AbortSignal.abort())).rejects.toThrow();
    const [row] =
      await product.sql`select error_code as code from connection_health where connection_id = ${one.id}`;
    expect(row?.["code"]).toBeNull();
  });

  it("is not at a connection to which something is being done, and not twice a day", async () => {
    const one = await looking.connected();
    await looking.look(one);
    const ids = [one.id];
    expect(await looking.lookAtDue()).toMatchObject({ due: 0 });
    await product.sql`update connection_health set due_at = now() where connection_id = any(${ids})`;
    await product.sql`update connection_operations set completed_at = now() where connection_id = any(${ids})`;
    expect(await looking.lookAtDue()).toMatchObject({ due: 0 });
  });

  it.each<[string, Fault[], string]>([
    [
      "403",
      [{ call: "getApplication", kind: "answer", status: 403, code: "Authorization_RequestDenied" }],
      "permission_not_effective",
    ],
    [
      "404 while the list has it",
      [{ call: "getApplication", kind: "answer", status: 404, code: "Request_ResourceNotFound" }],
      "application_not_ready",
    ],
    [
      "429",
      [{ call: "getServicePrincipal", kind: "answer", status: 429, retryAfter: "1" }],
      "microsoft_throttled",
    ],
    [
      "504 to who else may act",
      [{ call: "listFederated", kind: "answer", status: 504 }],
      "microsoft_unavailable",
    ],
    ["503", [{ call: "getServicePrincipal", kind: "answer", status: 503 }], "microsoft_unavailable"],
    ["half an answer", [{ call: "getApplication", kind: "shape" }], "microsoft_unavailable"],
    ["no answer", [{ call: "getApplication", kind: "hang" }], "microsoft_unavailable"],
  ])(
    "that Microsoft answers with %s says nothing, and ends neither what is known nor the pass",
    async (_name, faults, code) => {
      const [known, well, drifted] = [
        await looking.connected(),
        await looking.connected(),
        await looking.connected(),
      ];
      drift(known, "remove_claims");
      drift(drifted, "remove_claims");
      await looking.lookTwice(known);
      await looking.look(drifted);
      product.simulator.world.setTenantFaults(
        known.tenant.id,
        faults.map((fault) => ({ ...fault, times: 100 })),
      );
      expect(await looking.look(known, well, drifted)).toEqual({ due: 3, looked: 2, unread: 1, drifted: 1 });
      expect(await looking.viewOf(known)).toMatchObject({
        health: { error: { code } },
        needs_attention: { reasons: [{ code: "claims_changed" }] },
      });
      expect(await looking.codesOf(well)).toEqual([]);
      expect(await looking.codesOf(drifted)).toEqual(["claims_changed"]);
      product.simulator.world.setTenantFaults(known.tenant.id, []);
      await product.sql`delete from tenant_pauses`;
    },
  );

  it.each([403, 404])(
    "that may not see who else may act (%i) sees all the rest, and forgets nothing",
    async (status) => {
      const one = await looking.connected();
      drift(one, "add_federated");
      await looking.lookTwice(one);
      product.simulator.world.setTenantFaults(one.tenant.id, [
        { call: "listFederated", kind: "answer", status, code: "Authorization_RequestDenied", times: 100 },
      ]);
      drift(one, "remove_claims");
      await looking.lookTwice(one);
      expect((await looking.codesOf(one)).toSorted()).toEqual(["claims_changed", "credential_foreign"]);
      expect((await looking.viewOf(one)).health).not.toHaveProperty("error");
      one.application.federated = [];
      product.simulator.world.setTenantFaults(one.tenant.id, []);
      await looking.look(one);
      expect(await looking.codesOf(one)).toEqual(["claims_changed"]);
    },
  );

  it("that may not read the grants after all sees all the rest", async () => {
    product.simulator.world.realism = {
      ...noRealism,
      appRoles: ["Application.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"],
    };
    const one = await looking.connected();
    product.simulator.world.setTenantFaults(one.tenant.id, [
      { call: "listGrants", kind: "answer", status: 403, code: "Authorization_RequestDenied", times: 100 },
    ]);
    drift(one, "remove_claims");
    await looking.lookTwice(one);
    product.simulator.world.realism = noRealism;
    expect(await looking.codesOf(one)).toEqual(["claims_changed"]);
  });

  it("of a directory whose consent is gone says so, and accuses nobody", async () => {
    const one = await looking.connected();
    one.tenant.consentedMs = null;
    looking.forgetTokens();
    expect(await looking.lookTwice(one)).toMatchObject([{ unread: 1 }, { unread: 1 }]);
    expect(await looking.codesOf(one)).toEqual([]);
    expect((await looking.viewOf(one)).health.error?.code).toBe("consent_not_effective");
  });

  it("is forgotten where the connection was changed meanwhile", async () => {
    const one = await looking.connected();
    drift(one, "turn_assignment");
    await looking.look(one);
    product.simulator.world.hook = async (name, phase, tenantId) => {
      if (name === "getServicePrincipal" && phase === "before" && tenantId === one.tenant.id)
        await product.sql`update sso_connections set access = 'assigned' where id = ${one.id}`;
      return "go on";
    };
    await looking.look(one);
    expect(await looking.codesOf(one)).toEqual([]);
    product.simulator.world.hook = undefined;
    await looking.lookTwice(one);
    expect(await looking.codesOf(one)).toEqual([]);
  });

  it("comes with the schedule's pass", async () => {
    const one = await looking.connected();
    await product.sql`update connection_operations set completed_at = now() - interval '1 hour' where completed_at is not null`;
    await product.sql`delete from connection_health where connection_id = ${one.id}`;
    const schedule = product.temporal.schedule.getHandle("ms-maintenance");
    await schedule.trigger();
    await eventually(async () => (await looking.viewOf(one)).health.looked_at !== null);
  });
});
