import { afterAll, beforeAll, expect, it } from "vitest";
import { connect, newOrg, operatorToken, type Product, startProduct } from "../support/product.ts";

let product: Product;
let own: { org: string; ids: string[] };
let other: { org: string; ids: string[] };
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  own = await organization(6);
  other = await organization(1);
});
afterAll(() => product.stop());

/** With one connection that was made by a click, and copies of it that are equally old. */
async function organization(copies: number): Promise<{ org: string; ids: string[] }> {
  const org = newOrg();
  await connect(product, product.addTenant(), { org });
  await product.sql`insert into sso_connections
    select (jsonb_populate_record(made, jsonb_build_object(
      'id', 'sso_' || md5(made.id || number), 'entra_tenant_id', gen_random_uuid()))).*
    from sso_connections made, generate_series(1, ${copies}) number where org_id = ${org}`;
  const rows = await product.sql`select id from sso_connections where org_id = ${org}`;
  return { org, ids: rows.map(({ id }) => id as string) };
}

interface Page {
  readonly data: { id: string }[];
  readonly list_metadata: { after: string | null };
}
async function list(
  org: string,
  query: Record<string, string> = {},
): Promise<{ status: number; body: Page }> {
  const path = `/v1/session/orgs/${org}/sso-connections?${new URLSearchParams(query).toString()}`;
  const headers = { authorization: `Bearer ${await product.session(org, "member")}` };
  const answer = await fetch(product.origin + path, { headers });
  return { status: answer.status, body: (await answer.json()) as Page };
}

it("connections come in pages that leave nothing out and repeat nothing, in one order", async () => {
  const whole = (await list(own.org)).body;
  expect(whole.data.map(({ id }) => id).toSorted()).toEqual(own.ids.toSorted());
  expect(whole.list_metadata.after).toBeNull();
  for (const limit of ["1", "3", "7"]) {
    const read: string[] = [];
    let after: string | null = null;
    do {
      const page: Page = (await list(own.org, { limit, ...(after === null ? {} : { after }) })).body;
      expect(page.data.length).toBeLessThanOrEqual(Number(limit));
      read.push(...page.data.map(({ id }) => id));
      after = page.list_metadata.after;
    } while (after !== null);
    expect(read).toEqual(whole.data.map(({ id }) => id));
  }
});

it("a cursor is good whatever is changed meanwhile, and each organization sees its own", async () => {
  const { body } = await list(own.org, { limit: "2" });
  const after = body.list_metadata.after ?? "";
  await product.sql`update sso_connections set display_name = 'new', updated_at = now() where id = ${after}`;
  expect((await list(own.org, { after })).body.data).toHaveLength(own.ids.length - 2);
  expect((await list(other.org)).body.data.map(({ id }) => id).toSorted()).toEqual(other.ids.toSorted());
});

it.each<[Record<string, string>]>([
  [{ after: "nowhere" }],
  [{ after: "" }],
  [{ after: "sso_00000000000000000000000000000000" }],
  [{ limit: "0" }],
  [{ limit: "101" }],
  [{ limit: "ten" }],
  [{ limit: "-1" }],
  [{ before: "x" }],
])("%j is refused", async (query) => {
  const { status, body } = await list(own.org, query);
  expect([status, (body as unknown as { code: string }).code]).toEqual([400, "invalid_request"]);
});

it("operators read every attempt in pages, newest first, each once", async () => {
  const read = async (query: Record<string, string>): Promise<{ status: number; body: Page }> => {
    const url = `${product.origin}/v1/admin/ms-provisions?${new URLSearchParams(query).toString()}`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${operatorToken}` } });
    return { status: answer.status, body: (await answer.json()) as Page };
  };
  await product.sql`insert into ms_provision_requests
    select (jsonb_populate_record(made, jsonb_build_object(
      'id', 'mspr_' || md5(made.id || number), 'state_hash', md5(made.id || number), 'operation_id',
      'op_' || md5(made.id || number)))).*
    from ms_provision_requests made, generate_series(1, 4) number where org_id = ${other.org}`;
  const whole = (await read({})).body;
  expect(whole.data).toHaveLength(6);
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const page: Page = (await read({ limit: "2", ...(after === null ? {} : { after }) })).body;
    ids.push(...page.data.map(({ id }) => id));
    after = page.list_metadata.after;
  } while (after !== null);
  expect(ids).toEqual(whole.data.map(({ id }) => id));
  expect((await read({ organization_id: own.org })).body.data).toHaveLength(1);
  for (const cursor of ["nowhere", "mspr_0"]) expect((await read({ after: cursor })).status).toBe(400);
});

it("another organization's connection is no cursor", async () => {
  expect((await list(own.org, { after: other.ids[0] ?? "" })).status).toBe(400);
});
