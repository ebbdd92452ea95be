import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sql } from "drizzle-orm";
import { openDatabase } from "../../src/db/client.ts";
import type { Queries } from "../../src/db/queries.ts";
import { migrateDatabase } from "../../src/db/migrate.ts";
import { tables } from "../../src/db/schema-state.ts";
import { newDatabase } from "../support/databases.ts";
import { connect, type Product, startProduct } from "../support/product.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

// What a database or a role says of its own, and what a pooler lets pass, changes nothing.

const settings = {
  DateStyle: "German",
  TimeZone: "Asia/Kolkata",
  IntervalStyle: "sql_standard",
  bytea_output: "escape",
  extra_float_digits: "-15",
  standard_conforming_strings: "off",
  default_transaction_isolation: "serializable",
  statement_timeout: "100",
  idle_in_transaction_session_timeout: "100",
  client_encoding: "LATIN1",
};

let product: Product;
let pooler: TcpProxy;
let refused = 0;

/** As PgBouncer does: a start-up parameter that is not its own ends the connection. */
function isRefusedByPooler(packet: string): boolean {
  const isStartup = packet.slice(4, 8) === "\0\u0003\0\0";
  if (!isStartup) return false;
  const names = packet
    .slice(8)
    .split("\0")
    .filter((_, index) => index % 2 === 0);
  const passes =
    /^(user|database|client_encoding|datestyle|timezone|standard_conforming_strings|application_name|)$/i;
  return names.some((name) => !passes.test(name));
}

beforeAll(async () => {
  product = await startProduct();
  const url = new URL(product.environment["DATABASE_URL"] ?? "");
  for (const [name, value] of Object.entries(settings))
    await product.sql.unsafe(`alter database ${url.pathname.slice(1)} set ${name} = '${value}'`);
  pooler = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  pooler.watch = (text) => {
    if (!isRefusedByPooler(text)) return "pass";
    refused += 1;
    return "cut";
  };
});
afterAll(async () => {
  await product.stop();
  await pooler.close();
});

describe("settings of the database", () => {
  it("a whole click, and every time that is shown is one", async () => {
    await product.startWorker();
    const { end, org } = await connect(product, product.addTenant());
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/sso-connections`, {
      headers: { authorization: `Bearer ${await product.session(org)}` },
    });
    expect(JSON.stringify(await answer.json())).toMatch(/"secret_expires_at":"20\d\d-\d\d-\d\dT[\d:.]+Z"/);
    await product.stopWorkers();
  });

  it("behind a pooler, too: nothing is asked of the session", async () => {
    const url = new URL(product.environment["DATABASE_URL"] ?? "");
    url.port = String(pooler.port);
    url.searchParams.set("pgbouncer", "true");
    expect(await migrateDatabase(url.href)).toBe(0);
    await product.startWorker({}, { DATABASE_URL: url.href });
    const { end } = await connect(product, product.addTenant());
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(refused).toBe(0);
    await product.stopWorkers();
  });
});

describe("a statement that is repeated", () => {
  const countRequests = (q: Queries, org: string) =>
    q.execute(sql`select count(*) from ms_provision_requests where org_id = ${org}`);
  const listPrepared = (q: Queries) =>
    q.execute(sql`select statement from pg_prepared_statements where statement like '%org_id = $1%'`);
  async function preparedAt(url: string): Promise<number[]> {
    const database = openDatabase(url, { poolMax: 1 });
    for (const org of ["org_1", "org_2", "org_3"]) {
      await database.run((q) => countRequests(q, org));
      await database.transaction((q) => countRequests(q, org));
    }
    const found = [await database.run(listPrepared), await database.transaction(listPrepared)];
    await database.close();
    return found.map((rows) => rows.length);
  }

  it("is parsed once for each session, alone and in transactions", async () => {
    expect(await preparedAt(product.environment["DATABASE_URL"] ?? "")).toEqual([1, 1]);
  });

  it("is not kept in a session that a pooler lends", async () => {
    const url = new URL(product.environment["DATABASE_URL"] ?? "");
    url.searchParams.set("pgbouncer", "true");
    expect(await preparedAt(url.href)).toEqual([0, 0]);
  });

  it("goes on when a migration changed what it gives", async () => {
    const database = await newDatabase();
    await database.sql`create table kept (value integer not null)`;
    await database.sql`insert into kept values (7)`;
    const client = openDatabase(database.url.href, { poolMax: 1 });
    const read = (q: Queries) => q.execute(sql`select * from kept where value <> ${1}`);
    await client.run(read);
    await client.transaction(read);
    await database.sql`alter table kept add column more text default 'new'`;
    expect(await client.run(read)).toMatchObject([{ value: 7, more: "new" }]);
    // In a transaction the first one fails as a whole, and the next is good.
    await client.transaction(read).catch(() => undefined);
    expect(await client.transaction(read)).toMatchObject([{ value: 7, more: "new" }]);
    await client.close();
    await database.drop();
  });
});

it("a transaction that lasts too long is ended, also the second one of a connection", async () => {
  const database = openDatabase(product.environment["DATABASE_URL"] ?? "");
  const limit = (q: Queries) => q.execute(sql`show transaction_timeout`);
  for (let run = 0; run < 2; run += 1)
    expect(await database.transaction(limit)).toMatchObject([{ transaction_timeout: "7s" }]);
  await database.close();
});

it("a process that was busy for longer than a connection may take works all the same", async () => {
  const url = new URL(product.environment["DATABASE_URL"] ?? "");
  url.searchParams.set("connect_timeout", "1");
  const database = openDatabase(url.href);
  const all = Array.from({ length: 30 }, () =>
    database.transaction((q) => q.execute(sql`select ${7}::int as n`)),
  );
  // Twice, with a moment in which timers run and answers are not read yet.
  for (let stalls = 0; stalls < 2; stalls += 1) {
    await sleep(1);
    const endMs = Date.now() + 1200;
    while (Date.now() < endMs);
  }
  for (const rows of await Promise.all(all)) expect(rows).toMatchObject([{ n: 7 }]);
  await database.close();
});

describe("migrate", () => {
  it("with nothing to do, under a role that may create nothing and not read Drizzle's table", async () => {
    const database = await newDatabase();
    const { url } = await database.newRole();
    await database.sql.unsafe(
      "revoke all on schema public from public; grant usage on schema public to public",
    );
    expect(await migrateDatabase(database.url.href)).toBeGreaterThan(1);
    expect(await migrateDatabase(url.href)).toBe(0);
    await database.drop();
  });

  it("with something to do, says which right is missing and leaves nothing behind", async () => {
    const database = await newDatabase();
    const { url } = await database.newRole();
    await expect(migrateDatabase(url.href)).rejects.toMatchObject({ code: "42501" });
    expect(await database.sql`select from pg_namespace where nspname = 'drizzle'`).toHaveLength(0);
    await database.drop();
  });

  it("through a pooler, and by several at once: each migration once", async () => {
    const database = await newDatabase();
    const url = new URL(database.url);
    url.port = String(pooler.port);
    url.searchParams.set("pgbouncer", "true");
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrateDatabase(url.href)));
    expect(applied.filter((count) => count > 0)).toHaveLength(1);
    const [journal] = await database.sql`select count(*)::int as n from drizzle.__drizzle_migrations`;
    expect(journal?.["n"]).toBe(Math.max(...applied));
    await database.drop();
  });

  it("into a schema of its own, twice in one database", async () => {
    const database = await newDatabase();
    for (const schema of ["one", "Two"]) {
      database.url.searchParams.set("schema", schema);
      expect(await migrateDatabase(database.url.href)).toBeGreaterThan(1);
      expect(await migrateDatabase(database.url.href)).toBe(0);
      // Drizzle's own beside ours; the audit trail has its default partition, and four months.
      expect(await database.sql`select from pg_tables where schemaname = ${schema}`).toHaveLength(
        tables.length + 1 + 5,
      );
    }
    await database.drop();
  });
});
