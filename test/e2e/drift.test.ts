import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DriftName } from "../../src/simulator/drifts.ts";
import { noRealism } from "../../src/simulator/options.ts";
import { type Connected, drift, startLooking } from "../support/looking.ts";
import { connect, eventually, type Product, startProduct } from "../support/product.ts";

// What an administrator changes in Entra behind a connection's back is seen, said once, and never changed back silently.

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

const removeForeign = ({ application }: Connected): void => {
  application.credentials = application.credentials.filter(({ displayName }) => displayName !== "by hand");
};

const attention = (...reasons: string[]) => ["sso.connection.needs_attention", reasons];
const over = ["sso.connection.updated", []];

/** Until what it left behind is removed. */
async function repair(one: Connected): Promise<URL> {
  const { end, id } = await connect(product, one.tenant, { org: one.org, body: { connection: one.id } });
  await product.temporal.workflow
    .getHandle(`ms-provision-${id}`)
    .result()
    .catch(() => undefined);
  return end;
}

describe("what was changed in Entra", () => {
  it.each<[DriftName, string]>([
    ["delete_application", "application_missing"],
    ["delete_enterprise", "service_principal_missing"],
    ["add_redirect_uri", "redirect_uri_changed"],
    ["remove_claims", "claims_changed"],
    ["remove_credentials", "credential_missing"],
    ["turn_assignment", "assignment_changed"],
  ])("%s: %s, after two looks, told once, and mended by connecting again", async (name, code) => {
    const one = await looking.connected();
    await looking.look(one);
    expect((await looking.viewOf(one)).health.looked_at).not.toBeNull();
    drift(one, name);
    expect(await looking.look(one)).toMatchObject({ looked: 1, unread: 0, drifted: 0 });
    expect(await looking.codesOf(one)).toEqual([]);
    expect(await looking.look(one)).toMatchObject({ looked: 1, drifted: 1 });
    expect((await looking.viewOf(one)).needs_attention?.reasons).toMatchObject([
      { code, mended_by_connecting: true },
    ]);
    await looking.look(one);
    expect(await looking.told(one)).toEqual([attention(code)]);

    const end = await repair(one);
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(await looking.codesOf(one)).toEqual([]);
    expect(await looking.told(one)).toEqual([attention(code), over]);
    expect(await looking.lookTwice(one)).toMatchObject([
      { looked: 1, drifted: 0 },
      { looked: 1, drifted: 0 },
    ]);
    expect(await looking.told(one)).toHaveLength(2);
  });

  it.each<[DriftName, string, (one: Connected) => void]>([
    ["disable", "application_disabled", (one) => drift(one, "enable")],
    ["add_credential", "credential_foreign", removeForeign],
    ["add_federated", "credential_foreign", ({ application }) => void (application.federated = [])],
  ])("%s: %s stays until somebody undoes it there", async (name, code, undo) => {
    const one = await looking.connected();
    drift(one, name);
    await looking.lookTwice(one);
    expect((await looking.viewOf(one)).needs_attention?.reasons).toMatchObject([
      { code, mended_by_connecting: false },
    ]);
    await repair(one);
    await looking.lookTwice(one);
    expect(await looking.codesOf(one)).toEqual([code]);
    undo(one);
    await looking.look(one);
    expect(await looking.codesOf(one)).toEqual([]);
    expect(await looking.told(one)).toEqual([attention(code), over]);
  });

  it("is told anew when another thing comes to it, and when one of two is over", async () => {
    const one = await looking.connected();
    drift(one, "remove_claims");
    await looking.lookTwice(one);
    drift(one, "disable");
    await looking.lookTwice(one);
    drift(one, "enable");
    await looking.look(one);
    expect(await looking.told(one)).toEqual([
      attention("claims_changed"),
      attention("application_disabled", "claims_changed"),
      attention("claims_changed"),
    ]);
  });

  it("is not said of what one look saw and the next did not", async () => {
    const one = await looking.connected();
    drift(one, "disable");
    await looking.look(one);
    drift(one, "enable");
    await looking.look(one);
    drift(one, "disable");
    await looking.look(one);
    expect(await looking.codesOf(one)).toEqual([]);
    expect(await looking.told(one)).toEqual([]);
  });

  it("who may sign in: choosing it sets it right, without an administrator's approval", async () => {
    const one = await looking.connected();
    drift(one, "turn_assignment");
    await looking.lookTwice(one);
    expect(await looking.codesOf(one)).toEqual(["assignment_changed"]);
    await looking.call(one, "PATCH", { access: "everyone" });
    await eventually(async () => !("operation" in (await looking.viewOf(one))));
    expect(one.application.appRoleAssignmentRequired).toBe(false);
    expect(await looking.codesOf(one)).toEqual([]);
  });

  it("a click that does not name the connection leaves who may sign in as it is", async () => {
    const one = await looking.connected();
    drift(one, "turn_assignment");
    await looking.lookTwice(one);
    await connect(product, one.tenant, { org: one.org });
    expect(one.application.appRoleAssignmentRequired).toBe(true);
  });

  it("the consent for all users, where our permission reads it", async () => {
    product.simulator.world.realism = {
      ...noRealism,
      appRoles: ["Application.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"],
    };
    const one = await looking.connected();
    drift(one, "withdraw_consent");
    await looking.lookTwice(one);
    expect(await looking.codesOf(one)).toEqual(["users_consent_missing"]);
    await repair(one);
    expect(await looking.codesOf(one)).toEqual([]);
    expect(await looking.lookTwice(one)).toMatchObject([{ drifted: 0 }, { drifted: 0 }]);
  });
});
