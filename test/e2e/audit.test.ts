import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  connect,
  newOrg,
  operatorToken,
  type Product,
  startProduct,
  testProject,
} from "../support/product.ts";

// The audit trail for reviewers: read in pages, exported whole, by owners and by operators.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

type Entry = Record<string, unknown> & { id: string; action: string };

async function ownersCall(
  org: string,
  query: Record<string, string> = {},
  claims: { role?: "owner" | "admin" | "member"; of?: string } & Record<string, unknown> = {},
) {
  const { role = "owner", of = org, ...rest } = claims;
  return fetch(`${product.origin}/v1/session/orgs/${org}/audit?${new URLSearchParams(query).toString()}`, {
    headers: { authorization: `Bearer ${await product.session(of, role, rest)}` },
  });
}
const operatorsCall = (query: Record<string, string>) =>
  fetch(`${product.origin}/v1/audit?${new URLSearchParams(query).toString()}`, {
    headers: { authorization: `Bearer ${operatorToken}` },
  });
const pageOf = async (answer: Response) => {
  expect(answer.status).toBe(200);
  return (await answer.json()) as { data: Entry[]; list_metadata: { after: string | null } };
};
/** Rows of long ago, one a second. */
const insert = (org: string, count: number, project = testProject) =>
  product.sql`insert into audit_events (actor, action, project_id, org_id, connection_id, generation, detail, at)
    select 'operator:tess', 'renamed', ${project}, ${org}, 'sso_' || n, 0, '{"reason":"=1+1"}', timestamptz '2026-01-01Z' + n * interval '1 second'
    from generate_series(1, ${count}) as n`;

describe("an owner or admin", () => {
  it("reads what happened to a click, newest first, page by page", async () => {
    const { org } = await connect(product, product.addTenant());
    const all = await pageOf(await ownersCall(org));
    const actions = all.data.map(({ action }) => action).toReversed();
    expect(actions).toEqual(expect.arrayContaining(["started", "consented", "proved", "succeeded"]));
    const entryOf = (action: string) => all.data.find((one) => one.action === action);
    expect(entryOf("started")).toMatchObject({ operation_id: null, generation: 0 });
    expect(entryOf("succeeded")).toMatchObject({
      operation_id: expect.stringMatching(/^op_[0-9a-f]{32}$/) as unknown,
      generation: 1,
    });
    const paged: Entry[] = [];
    for (let after: string | null = ""; after !== null;) {
      const page: Awaited<ReturnType<typeof pageOf>> = await pageOf(
        await ownersCall(org, { limit: "1", ...(after === "" ? {} : { after }) }, { role: "admin" }),
      );
      paged.push(...page.data);
      after = page.list_metadata.after;
    }
    expect(paged).toEqual(all.data);
  });

  it("exports everything of a time, in order, and nothing of others'", async () => {
    const [org, other] = [newOrg(), newOrg()];
    await insert(org, 1234);
    await insert(org, 3, "proj_other");
    await insert(other, 5);
    const answer = await ownersCall(org, { format: "jsonl" });
    expect(answer.headers.get("content-type")).toBe("application/jsonl");
    const entries = (await answer.text())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Entry);
    expect(entries).toHaveLength(1234);
    expect(entries.map((one) => one["connection_id"])).toEqual(
      Array.from({ length: 1234 }, (_, n) => `sso_${n + 1}`),
    );
    expect(entries[0]).toMatchObject({
      actor_type: "operator",
      actor_id: null,
      detail: {},
      organization_id: org,
    });
    const some = await ownersCall(org, {
      format: "jsonl",
      from: "2026-01-01T00:00:10Z",
      to: "2026-01-01T00:00:20Z",
    });
    expect((await some.text()).trimEnd().split("\n")).toHaveLength(10);
    const none = await ownersCall(org, { format: "jsonl", from: "2026-01-02" });
    expect([none.status, await none.text()]).toEqual([200, ""]);
  });

  it("gets CSV with a header, as a file", async () => {
    const org = newOrg();
    await insert(org, 2);
    const answer = await ownersCall(org, { format: "csv" });
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="audit.csv"');
    const lines = (await answer.text()).split("\r\n");
    expect(lines[0]).toBe(
      "id,at,action,actor_type,actor_id,organization_id,project_id,connection_id,provision_id,operation_id,generation,detail",
    );
    expect(lines).toHaveLength(4);
    expect(lines[1]).toContain(`"renamed","operator","","${org}"`);
  });

  it("is refused elsewhere; members are", async () => {
    const [org, other] = [newOrg(), newOrg()];
    const codeOf = async (answer: Promise<Response>) =>
      ((await (await answer).json()) as { code: string }).code;
    expect(await codeOf(ownersCall(org, {}, { role: "member" }))).toBe("insufficient_role");
    expect(await codeOf(ownersCall(org, {}, { of: other }))).toBe("organization_not_found");
    expect((await ownersCall(org, {}, { is_impersonation: true })).status).toBe(200);
    const wrong: Record<string, string>[] = [
      { format: "xml" },
      { from: "yesterday" },
      { from: "0000-01-01" },
      { to: "9999-12-31T23:59:59-00:01", format: "csv" },
      { after: "evt_1" },
      { limit: "0" },
      { page: "1" },
    ];
    for (const query of wrong) expect(await codeOf(ownersCall(org, query))).toBe("invalid_request");
  });
});

describe("an operator", () => {
  it("reads every organization or one, with names and reasons", async () => {
    const [one, two] = [newOrg(), newOrg()];
    await insert(one, 2);
    await insert(two, 2);
    const ofOne = await pageOf(await operatorsCall({ organization_id: one }));
    expect(ofOne.data).toHaveLength(2);
    expect(ofOne.data[0]).toMatchObject({ actor_id: "tess", detail: { reason: "=1+1" } });
    const csv = await (await operatorsCall({ format: "csv", organization_id: one })).text();
    expect(csv).toContain('"{""reason"":""=1+1""}"');
    const all = await (await operatorsCall({ format: "jsonl", to: "2026-02-01" })).text();
    for (const org of [one, two]) expect(all).toContain(org);
    expect((await fetch(`${product.origin}/v1/audit`)).status).toBe(401);
  });
});
