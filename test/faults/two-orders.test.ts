import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issueRenewal } from "../../src/db/connection-operations/renewals.ts";
import { listConnections } from "../../src/db/sso-connections.ts";
import { systemClock } from "../../src/domain/clock.ts";
import { disconnect } from "../../src/operations/disconnect.ts";
import { changeConnection } from "../../src/operations/change-connection.ts";
import type { OrgId, ProjectId } from "../../src/domain/ids.ts";
import type { CallHook, CallPhase, SimulatedCall } from "../../src/simulator/options.ts";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { liveApplications, type Product, startProduct, testProject } from "../support/product.ts";
import { againOfKind, byName, preparedFor, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { refuseSecrets } from "./support/traffic.ts";

// Two orders for one connection: the second is given at an exact moment of the first, or both at once. Whoever wins, the
// row is one of the two states whole, and Microsoft has what the row says.

type Prepared = Awaited<ReturnType<typeof preparedFor>>;
type Order = "renew" | "reconnect" | "disconnect" | "restore" | "access" | "suspend";
/** Gives the id of the operation or click; throws the code of a refusal. */
const orders: Readonly<Record<Order, (one: Prepared) => Promise<string | undefined>>> = {
  renew: ({ tenant, org }) => againOfKind.renew(product, tenant, org),
  reconnect: ({ tenant, org }) => againOfKind.connect(product, tenant, org),
  disconnect: ({ tenant, org }) => againOfKind.disconnect(product, tenant, org),
  restore: ({ tenant, org }) => againOfKind.restore(product, tenant, org),
  access: ({ tenant, org }) => againOfKind.change_access(product, tenant, org),
  suspend: async ({ org }) => {
    const [connection] = await connectionsOf(org);
    if (connection)
      await changeConnection({
        ctx: product.api,
        input: { id: connection.id, change: { status: "suspended" }, by: { actor: "user:usr_1" } },
      });
    return undefined;
  },
};

let product: Product;
/** What is done at the calls of a tenant. */
const hooks = new Map<string, CallHook>();
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_ADOPT_WINDOW_MS: "400" });
  await product.startWorker({ pace: { budgetFactor: 60, retryDelayMs: 60 } });
  product.simulator.world.hook = async (call, phase, tenantId) =>
    hooks.get(tenantId)?.(call, phase, tenantId) ?? "go on";
});
afterAll(() => product.stop());

/** Acts once, at a call of the tenant that waits until this is done. */
function actAt(
  tenantId: string,
  moment: { readonly call: SimulatedCall; readonly phase: CallPhase; readonly nth: number },
  act: () => Promise<void>,
): void {
  let ahead = moment.nth;
  hooks.set(tenantId, async (call, phase) => {
    if (call !== moment.call) return "go on";
    if (phase === "before") ahead -= 1;
    if (ahead > 0 || phase !== moment.phase) return "go on";
    hooks.delete(tenantId);
    await act();
    return "go on";
  });
}

const connectionsOf = (org: string) =>
  listConnections(product.api.database, { projectId: testProject as ProjectId, orgId: org as OrgId });
const firstRowOf = async (org: string) => (await connectionsOf(org))[0];
const codeOf = (error: unknown) => (error as { code?: string }).code ?? String(error);
/** The id, or the code of the refusal. */
const given = (order: Order, one: Prepared): Promise<string | undefined> =>
  orders[order](one).catch((error: unknown) => `refused: ${codeOf(error)}`);

async function untilBothEnd(ids: readonly (string | undefined)[]): Promise<string[]> {
  const real = [...new Set(ids.filter((id) => id !== undefined && !id.startsWith("refused: ")))] as string[];
  for (const id of real) await untilEnded(product, id);
  return real;
}
const brokenBy = async ({ tenant }: Prepared, ids: readonly string[]): Promise<string[]> =>
  (await Promise.all(ids.map((requestId) => brokenInvariants({ product, tenant, requestId })))).flat();

interface Meeting {
  readonly first: Exclude<Order, "suspend">;
  readonly second: Order;
  readonly at: readonly [SimulatedCall, number?][];
  /** How the connection ends, or how the second is refused. */
  readonly ends: "active" | "suspended" | "disconnected";
  readonly refused?: string;
}
const ofReconnect: Meeting["at"] = [["patchApplication"], ["addPassword"]];
const ofRestore: Meeting["at"] = [
  ["restoreDeleted"],
  ["restoreDeleted", 2],
  ["removePassword"],
  ["addPassword"],
];
const ofDisconnect: Meeting["at"] = [["removePassword"], ["deleteApplication"]];
const meetings: readonly Meeting[] = [
  {
    first: "renew",
    second: "disconnect",
    at: [["getApplication"], ["addPassword"], ["token"]],
    ends: "disconnected",
  },
  { first: "access", second: "disconnect", at: [["patchServicePrincipal"]], ends: "disconnected" },
  { first: "renew", second: "suspend", at: [["addPassword"]], ends: "suspended" },
  { first: "reconnect", second: "disconnect", at: ofReconnect, ends: "disconnected" },
  { first: "reconnect", second: "suspend", at: ofReconnect, ends: "suspended" },
  { first: "restore", second: "disconnect", at: ofRestore, ends: "disconnected" },
  { first: "restore", second: "restore", at: ofRestore, ends: "active" },
  {
    first: "restore",
    second: "suspend",
    at: [["addPassword"]],
    ends: "active",
    refused: "connection_disconnected",
  },
  { first: "restore", second: "reconnect", at: ofRestore, ends: "active", refused: "it was not proved" },
  { first: "disconnect", second: "disconnect", at: ofDisconnect, ends: "disconnected" },
  {
    first: "disconnect",
    second: "restore",
    at: ofDisconnect,
    ends: "disconnected",
    refused: "operation_in_progress",
  },
  {
    first: "disconnect",
    second: "renew",
    at: ofDisconnect,
    ends: "disconnected",
    refused: "no renewal was issued",
  },
];
const cases = meetings.flatMap(({ at, ...meeting }) =>
  at.flatMap(([call, nth = 1]) =>
    (["before", "applied"] as const).map((phase) => ({
      ...meeting,
      name: `${meeting.second} while ${meeting.first} is at ${call}${nth > 1 ? ` ${nth}` : ""}, ${phase}`,
      moment: { call, nth, phase },
    })),
  ),
);

const stateBefore = (first: Order) => (first === "restore" ? "restore" : "disconnect");

describe.concurrent("the second comes in the middle of the first", () => {
  it.each(byName(cases))(
    "%s",
    { timeout: 120_000 },
    async (_name, { first, second, moment, ends, refused }) => {
      const one = await preparedFor(product, stateBefore(first));
      const before = await firstRowOf(one.org);
      let hasCome = false;
      let answer: string | undefined;
      actAt(one.tenant.id, moment, async () => {
        hasCome = true;
        answer = await given(second, one);
      });
      const id = await orders[first](one);
      await untilBothEnd([id]);
      expect(hasCome, "the moment came").toBe(true);
      const ids = await untilBothEnd([id, answer]);
      if (refused === undefined) expect(answer ?? "").not.toContain("refused");
      else expect(answer).toContain(refused);
      if (first === second) expect(answer).toBe(id);
      expect(await firstRowOf(one.org)).toMatchObject({
        id: before?.id,
        status: ends,
        appObjectId: before?.appObjectId,
        appId: before?.appId,
      });
      expect(await brokenBy(one, ids)).toEqual([]);
    },
  );
});

const pairs: readonly (readonly [Order, Order])[] = [
  ["disconnect", "disconnect"],
  ["disconnect", "renew"],
  ["disconnect", "reconnect"],
  ["disconnect", "suspend"],
  ["disconnect", "access"],
  ["renew", "suspend"],
  ["restore", "restore"],
  ["restore", "disconnect"],
  ["restore", "reconnect"],
];

describe.concurrent("both at once", () => {
  it.each(pairs)("%s and %s", { timeout: 120_000 }, async (a, b) => {
    for (let round = 0; round < 3; round += 1) {
      const one = await preparedFor(product, stateBefore(a));
      const answers = await Promise.all([given(a, one), given(b, one)]);
      const ids = await untilBothEnd(answers);
      expect(ids.length).toBeGreaterThan(0);
      expect(new Set(answers).size === 1).toBe(a === b);
      const connections = await connectionsOf(one.org);
      const live = connections.filter(({ status }) => status !== "disconnected");
      expect(live.length).toBeLessThanOrEqual(1);
      expect(liveApplications(one.tenant).map(({ id }) => id)).toEqual(
        live.map(({ appObjectId }) => appObjectId),
      );
      expect(await brokenBy(one, ids), answers.join(", ")).toEqual([]);
    }
  });
});

it("a renewal of a connection that was disconnected since it was listed is not begun", async () => {
  const one = await preparedFor(product, "disconnect");
  const [listed] = await connectionsOf(one.org);
  if (!listed) throw new Error("there is none");
  const id = await againOfKind.disconnect(product, one.tenant, one.org);
  await untilEnded(product, id);
  expect(await issueRenewal(product.api.database, listed, product.origin)).toBeUndefined();
  expect(
    await product.sql`select 1 from connection_operations where org_id = ${one.org} and kind = 'renew'`,
  ).toEqual([]);
  expect(await brokenInvariants({ product, tenant: one.tenant, requestId: id })).toEqual([]);
});

/** Temporal does not take the order to stop, so that the attempt under way goes on to its end. */
async function disconnectUntold({ org }: Prepared): Promise<string> {
  const { database, runs } = product.api;
  const [connection] = await connectionsOf(org);
  if (!connection) throw new Error("there is none");
  const { operation } = await disconnect({
    ctx: {
      database,
      clock: systemClock,
      log: product.log,
      runs: { ...runs, cancel: () => Promise.reject(new Error("away")) },
    },
    input: { id: connection.id, actor: "user:usr_1", owner: connection, ssoOrigin: product.origin },
  });
  return operation.id;
}

it("a secret that is being minted when its connection is disconnected is not left in the deleted application", async () => {
  const one = await preparedFor(product, "disconnect");
  const seen = new Set<string>();
  const untilSeen = async (moment: string, withinMs: number): Promise<void> => {
    const endMs = Date.now() + withinMs;
    while (!seen.has(moment) && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  let disconnection: string | undefined;
  hooks.set(one.tenant.id, async (call, phase) => {
    if (call === "addPassword" && phase === "before") {
      disconnection = await disconnectUntold(one);
      // Well within a heartbeat timeout: a second attempt would undo what the first is still about to mint.
      await untilSeen("deleteApplication before", 1200);
    }
    seen.add(`${call} ${phase}`);
    // Minted between the look at the credentials and the deletion.
    if (call === "deleteApplication" && phase === "before") await untilSeen("addPassword applied", 2000);
    return "go on";
  });
  const ids = await untilBothEnd([await orders.renew(one)]);
  expect(await brokenBy(one, await untilBothEnd([...ids, disconnection]))).toEqual([]);
  expect(one.application.credentials).toEqual([]);
});

it("connecting while the disconnection is under way makes another connection", async () => {
  const one = await preparedFor(product, "disconnect");
  let click: string | undefined;
  actAt(one.tenant.id, { call: "deleteApplication", phase: "before", nth: 1 }, async () => {
    click = await given("reconnect", one);
    await untilBothEnd([click]);
  });
  const id = await againOfKind.disconnect(product, one.tenant, one.org);
  await untilEnded(product, id);
  const [first, second] = await connectionsOf(one.org);
  expect([first?.status, second?.status]).toEqual(["disconnected", "active"]);
  expect(liveApplications(one.tenant).map(({ id: own }) => own)).toEqual([second?.appObjectId]);
  expect(await brokenBy(one, [click ?? ""])).toEqual([]);
  expect(await given("restore", one)).toBe("refused: newer_connection_exists");
});

it("no restore begins while another is being undone, and the undo takes no live application", async () => {
  const one = await preparedFor(product, "restore");
  const { world } = product.simulator;
  world.setTenantFaults(one.tenant.id, [
    refuseSecrets,
    { call: "deleteApplication", kind: "answer", status: 503, times: 1_000_000 },
  ]);
  const failed = await againOfKind.restore(product, one.tenant, one.org);
  while ((await statusOf(product, failed)).cleanup !== "pending")
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await given("restore", one)).toBe("refused: operation_in_progress");
  world.setTenantFaults(one.tenant.id, []);
  await untilEnded(product, failed);
  expect(await brokenInvariants({ product, tenant: one.tenant, requestId: failed })).toEqual([]);
  const id = await againOfKind.restore(product, one.tenant, one.org);
  await untilEnded(product, id);
  expect((await firstRowOf(one.org))?.status).toBe("active");
  expect(await brokenInvariants({ product, tenant: one.tenant, requestId: id })).toEqual([]);
});

itLeavesNoPlaintext(() => product);

itHasDocumentedCases("two orders for one connection", cases.length);
