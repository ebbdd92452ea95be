import { afterAll, describe, expect, it } from "vitest";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { type ApiKill, declareApiLane, insistently } from "./support/api-lane.ts";
import { byName, preparedFor, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { type Process, processTmp } from "./support/processes.ts";

// The API process is killed around an owner's order to disconnect or restore, and the owner repeats it: it is carried
// out once, whether the first was committed or not.

const ofOrder = (kind: "disconnect" | "restore", lastWrite: RegExp): (ApiKill & { kind: typeof kind })[] => [
  ...(
    [
      ["the commit", lastWrite, true],
      ["beginning the run", /update "connection_operations" set "status" = \$1, "workflow_id"/],
    ] as const
  ).flatMap(([name, matches, next]) =>
    (["before", "applied, answer lost"] as const).map((moment) => ({
      name: `${kind}: ${name} × ${moment}`,
      kind,
      at: { matches, ...(next && { next }) },
      moment,
    })),
  ),
  { name: `${kind}: starting the workflow`, kind, at: { temporal: true } },
];
const cases = [
  ...ofOrder("disconnect", /insert into "connection_operations"/),
  ...ofOrder("restore", /insert into "audit_events"/),
];

const lane = declareApiLane();
let api: Process | undefined;
afterAll(() => api?.kill("SIGKILL"));

describe("kill the api", () => {
  it.each(byName(cases))("%s", { timeout: 180_000 }, async (_name, one) => {
    const { product, origin, startApi, killAt, disarm } = lane();
    api ??= await startApi();
    const { tenant, org } = await preparedFor(product, one.kind);
    const [row] = await product.sql`select id from sso_connections where org_id = ${org}`;
    const url = `${origin}/v1/session/orgs/${org}/sso-connections/${String(row?.["id"])}`;
    const headers = { authorization: `Bearer ${await product.session(org)}` };
    const order = () =>
      one.kind === "disconnect"
        ? fetch(url, { method: "DELETE", headers })
        : fetch(`${url}/restore`, { method: "POST", headers });
    const dead = killAt(one, api);
    const first = await order().then(
      ({ status }) => status,
      () => "cut",
    );
    await dead;
    expect(first, "the moment came").toBe("cut");
    disarm();
    api = await startApi();
    // Restored meanwhile, there is nothing left to order.
    const { status, code } = await insistently(order).then(async (answer) => ({
      status: answer.status,
      ...((await answer.json()) as { code?: string }),
    }));
    if (status !== 202) expect(code).toBe("not_disconnected");
    const operations = await product.sql`
      select id from connection_operations where org_id = ${org} and kind = ${one.kind}`;
    expect(operations).toHaveLength(1);
    const id = String(operations[0]?.["id"]);
    await untilEnded(product, id);
    expect(await product.sql`select status from sso_connections where org_id = ${org}`).toEqual([
      { status: one.kind === "disconnect" ? "disconnected" : "active" },
    ]);
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
  });
});

itLeavesNoPlaintext(() => lane().product, [processTmp]);

itHasDocumentedCases("API killed in a removal", cases.length);
