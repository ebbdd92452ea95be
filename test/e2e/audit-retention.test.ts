import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { makePartitionsAhead } from "../../src/db/audit-partitions.ts";
import { openDatabase } from "../../src/db/client.ts";
import { checkAudit } from "../../src/operations/checks/audit.ts";
import { newOrg, operatorToken, type Product, startProduct } from "../support/product.ts";

// The audit trail lies in a partition a month; months that were exported can be dropped whole.

let product: Product;
let folder: string;
let ownerUrl: string;
let runtime: postgres.Sql;
beforeAll(async () => {
  product = await startProduct();
  folder = await mkdtemp(path.join(os.tmpdir(), "audit-"));
  const { pathname } = new URL(product.environment["DATABASE_URL"] ?? "");
  ownerUrl = Object.assign(new URL(inject("postgresUrl")), { pathname }).href;
  runtime = postgres(product.environment["DATABASE_URL"] ?? "", { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await runtime.end();
  await product.stop();
  await rm(folder, { recursive: true });
});

async function partitions(): Promise<string[]> {
  const rows = await product.sql<{ name: string }[]>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit_events'::regclass order by 1`;
  return rows.map(({ name }) => name);
}
const monthFromNow = (months: number): Date => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months));
};
const nameOf = (month: Date): string => `audit_events_${month.toISOString().slice(0, 7).replace("-", "_")}`;
/** Rows of a month of which nobody else is told, and one of which the feed tells where it is asked for. */
async function fill(month: Date, count: number, action = "renamed"): Promise<void> {
  await product.sql`select audit_partition(${month.toISOString().slice(0, 10)}::date)`;
  await product.sql`
    insert into audit_events (actor, action, project_id, org_id, connection_id, generation, detail, at)
    select 'operator:tess', ${action}, 'proj_test', ${newOrg()}, 'sso_' || n, 0, '{"reason": "a test", "a": 1}',
      ${month.toISOString()}::timestamptz + n * interval '1 hour'
    from generate_series(1, ${count}::int) as n`;
}
async function exported(query = ""): Promise<string> {
  const answer = await fetch(`${product.origin}/v1/audit?format=jsonl${query}`, {
    headers: { authorization: `Bearer ${operatorToken}` },
  });
  expect(answer.status).toBe(200);
  return answer.text();
}
async function prune(file: string | undefined, args: readonly string[], url = ownerUrl) {
  const at = path.join(folder, "audit.jsonl");
  if (file !== undefined) await writeFile(at, file);
  const lines: string[] = [];
  const code = await msProvision(["audit", "prune", "--exported", at, ...args], {
    environment: { ...product.environment, DATABASE_URL: url, USER: "tess" },
    print: (line) => void lines.push(line),
  });
  return { code, output: lines.join("\n") };
}
const monthText = (month: Date): string => month.toISOString().slice(0, 7);
const order = ["--apply", "--reason", "kept for a year elsewhere"];

it("has partitions for this month and the next three, which the processes may have made and nothing else", async () => {
  const ahead = [0, 1, 2, 3].map((months) => nameOf(monthFromNow(months)));
  expect(await partitions()).toEqual(["audit_events_default", ...ahead].toSorted());
  await product.sql.unsafe(`drop table ${ahead[3]}`);
  const database = openDatabase(product.environment["DATABASE_URL"] ?? "");
  expect(await makePartitionsAhead(database)).toBe(1);
  expect(await makePartitionsAhead(database)).toBe(0);
  await database.close();
  expect(await partitions()).toEqual(expect.arrayContaining(ahead));
  await runtime`insert into audit_events (actor, action, project_id, org_id, request_id, generation) values ('system', 'failed', 'p', 'o', 'r', 1)`;
  const [lies] =
    await product.sql`select tableoid::regclass::text as name from audit_events where request_id = 'r'`;
  expect(lies?.["name"]).toBe(ahead[0]);
  for (const statement of [
    `drop table ${ahead[0]}`,
    `alter table audit_events detach partition ${ahead[0]}`,
    `delete from ${ahead[0]}`,
    `update ${ahead[0]} set actor = 'x'`,
    `insert into ${ahead[0]} select * from audit_events`,
    "select audit_partition('2020-01-01')",
  ])
    await expect(runtime.unsafe(statement), statement).rejects.toThrow(/permission denied|must be owner/);
});

it("is append-only in each partition, for its owner too", async () => {
  await fill(monthFromNow(-30), 1);
  for (const name of ["audit_events", ...(await partitions())])
    for (const statement of [`delete from ${name}`, `update ${name} set actor = 'x'`, `truncate ${name}`])
      await expect(product.sql.unsafe(statement), statement).rejects.toThrow("append-only");
});

it("a row of a month without a partition is kept, and that month gets none", async () => {
  const month = monthFromNow(-40);
  await product.sql`
    insert into audit_events (actor, action, project_id, org_id, request_id, generation, at)
    values ('system', 'failed', 'p', 'o', 'old', 1, ${month.toISOString()}::timestamptz)`;
  const [made] = await product.sql`select audit_partition(${month.toISOString().slice(0, 10)}::date) as made`;
  expect(made?.["made"]).toBe(false);
  expect(await partitions()).not.toContain(nameOf(month));
});

it("whole months go once an export has each of their rows, and this is noted", async () => {
  const [first, second, stays] = [monthFromNow(-20), monthFromNow(-19), monthFromNow(-18)];
  await fill(first, 30);
  await fill(second, 20);
  await fill(stays, 5);
  const before = ["--before", monthText(stays)];
  const whole = await exported();
  const month = `&from=${first.toISOString()}&to=${second.toISOString()}`;
  const oldest = await exported(`&to=${first.toISOString()}`);

  // Only part of it; a line that says something else; a line that is another reader's.
  expect((await prune(oldest + (await exported(month)), [...before, ...order])).output).toContain(
    `lacks 20 rows of ${nameOf(second)}`,
  );
  const lines = whole.trim().split("\n");
  const changed = lines.map((line) =>
    line.includes(`"connection_id":"sso_7"`)
      ? line.replace('"a": 1', '"a": 2').replace('"a":1', '"a":2')
      : line,
  );
  expect((await prune(changed.join("\n"), [...before, ...order])).output).toMatch(
    /lacks 1 rows of .*aud_\d+/,
  );
  const hidden = lines.map((line) => line.replaceAll('"actor_id":"tess"', '"actor_id":null'));
  expect((await prune(hidden.join("\n"), [...before, ...order])).code).toBe(1);
  expect(await prune(whole, [...before, ...order], product.environment["DATABASE_URL"])).toMatchObject({
    code: 1,
    output: expect.stringContaining("Only the owner") as unknown,
  });
  expect(await partitions()).toEqual(expect.arrayContaining([first, second, stays].map(nameOf)));

  const looked = await prune(whole, before);
  expect(looked).toMatchObject({
    code: 0,
    output: expect.stringContaining("nothing was changed") as unknown,
  });
  expect(await partitions()).toContain(nameOf(first));
  const dropped = await prune(whole, [...before, ...order]);
  expect(dropped).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^Dropped 3 months, 51 rows/) as unknown,
  });
  const left = await partitions();
  expect(left).toContain(nameOf(stays));
  expect(left).not.toEqual(expect.arrayContaining([nameOf(first)]));
  expect(left).not.toEqual(expect.arrayContaining([nameOf(second)]));
  const noted = await product.sql`select actor, detail from audit_events where action = 'audit_pruned'`;
  expect(noted).toEqual([
    {
      actor: "operator:tess",
      detail: {
        reason: "kept for a year elsewhere",
        from: monthFromNow(-30).toISOString(),
        to: stays.toISOString(),
        rows: 51,
      },
    },
  ]);
  expect((await prune(whole, [...before, ...order])).output).toContain("all of 0 months, 0 rows");
});

it("a month of which the feed still tells stays", async () => {
  const month = monthFromNow(-10);
  await fill(month, 1, "renamed");
  const [row] =
    await product.sql`select id from audit_events where at >= ${month.toISOString()} order by at limit 1`;
  await product.sql`insert into events (audit_id, name) values (${String(row?.["id"])}, 'sso.connection.updated')`;
  const result = await prune(await exported(), ["--before", monthText(monthFromNow(-9)), ...order]);
  expect(result).toMatchObject({ code: 1, output: expect.stringContaining("still tells of") as unknown });
  expect(await partitions()).toContain(nameOf(month));
});

it("is misused without a month, a file or a reason, and for the last three months", async () => {
  expect((await prune("", ["--before", monthText(monthFromNow(-2))])).code).toBe(2);
  expect((await prune("", [])).code).toBe(2);
  expect((await prune("", ["--before", "2020-13"])).code).toBe(2);
  expect((await prune("", ["--before", "2020-01", "--apply"])).code).toBe(2);
  expect((await prune("nonsense", ["--before", "2020-01"])).code).toBe(2);
  expect((await prune("", ["--before", monthText(monthFromNow(-3))])).code).not.toBe(2);
});

it("doctor warns of rows without a month, and the documented statements file them", async () => {
  const [month, ahead] = [monthFromNow(-40), monthFromNow(9)];
  await product.sql`
    insert into audit_events (actor, action, project_id, org_id, request_id, generation, at)
    values ('system', 'failed', 'p', 'o', 'ahead', 1, ${ahead.toISOString()}::timestamptz)`;
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const database = openDatabase(product.environment["DATABASE_URL"] ?? "");
  expect(await checkAudit(database)).toMatchObject({
    status: "warn",
    detail: expect.stringContaining(
      `2 rows of the audit trail lie in the default partition, since ${monthText(month)}`,
    ) as unknown,
  });
  const before = await product.sql`select * from audit_events order by id`;
  const document = readFileSync(path.resolve(import.meta.dirname, "../../docs/deploy.md"), "utf8");
  const [statements = ""] = /^begin;\n[\s\S]*?^commit;$/m.exec(document) ?? [];
  await owner.unsafe(statements);
  expect(await checkAudit(database)).toMatchObject({ status: "pass" });
  expect(await product.sql`select * from audit_events order by id`).toEqual(before);
  expect(await partitions()).toEqual(expect.arrayContaining([month, ahead].map(nameOf)));
  // As closed as before, and open to what comes.
  for (const name of ["audit_events_default", nameOf(month)])
    await expect(product.sql.unsafe(`delete from ${name}`), name).rejects.toThrow("append-only");
  await runtime`
    insert into audit_events (actor, action, project_id, org_id, request_id, generation, at)
    values ('system', 'failed', 'p', 'o', 'later', 1, now() + interval '50 years')`;
  expect(await checkAudit(database)).toMatchObject({ status: "warn" });
  await owner.unsafe(statements);
  await database.close();
  await owner.end();
});
