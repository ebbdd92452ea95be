import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor } from "../../src/cli/operators/doctor.ts";
import { newDatabase } from "../support/databases.ts";
import { connect, type Product, startProduct } from "../support/product.ts";

// Every other test runs with these rights too: what they are enough for is shown there, what they refuse is shown here.

let product: Product;
let runtime: postgres.Sql;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  runtime = postgres(product.environment["DATABASE_URL"] ?? "", { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await runtime.end();
  await product.stop();
});

async function doctorOf(overrides: Record<string, string> = {}): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const environment = { ...product.environment, ...overrides };
  return { code: await doctor({ environment, print: (line) => void lines.push(line) }), lines };
}
const ownerUrl = (): string => {
  const { user, pass, host, port, database } = product.sql.options as unknown as Record<string, string>;
  return `postgres://${user}:${encodeURIComponent(pass ?? "")}@${host}:${port}/${database}`;
};

describe("a worker's own role", () => {
  it("makes a connection, and cannot read what signs tokens", async () => {
    await product.stopWorkers();
    const login = `worker_${crypto.randomUUID().replaceAll("-", "")}`;
    await product.sql.unsafe(`create role ${login} login password 'secret' in role authio_worker`);
    const url = new URL(product.environment["DATABASE_URL"] ?? "");
    Object.assign(url, { username: login, password: "secret" });
    await product.startWorker({}, { DATABASE_URL: url.href });
    const { end } = await connect(product, product.addTenant());
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    const worker = postgres(url.href, { max: 1, onnotice: () => {} });
    await expect(worker`select from signing_keys`).rejects.toMatchObject({ code: "42501" });
    await expect(worker`insert into signin_codes default values`).rejects.toMatchObject({ code: "42501" });
    await worker.end();
    await product.stopWorkers();
    await product.startWorker();
  });
});

describe("the service's own role", () => {
  it("makes a connection, and can do nothing to the trail but add to it", async () => {
    const { end, id } = await connect(product, product.addTenant());
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    expect(await runtime`select from audit_events where request_id = ${id}`).not.toHaveLength(0);
    await runtime`insert into audit_events (actor, action, project_id, org_id, request_id, generation) values ('system', 'failed', 'p', 'o', 'r', 1)`;
  });

  it.each([
    "update audit_events set actor = 'x'",
    "delete from audit_events",
    "truncate audit_events",
    "drop table audit_events",
    "alter table audit_events disable trigger audit_events_append_only",
    "alter table audit_events disable trigger all",
    "alter table audit_events rename to elsewhere",
    "drop trigger audit_events_append_only on audit_events",
    "create or replace function audit_events_refuse_change() returns trigger language sql as 'select 1'",
    "set session_replication_role = replica",
    "create trigger again before insert on audit_events for each row execute function audit_events_refuse_change()",
    "alter sequence audit_events_id_seq restart",
    "select setval('audit_events_id_seq', 1)",
    "delete from sso_connections",
    "delete from ms_provision_requests",
    "truncate ms_provision_requests, sso_connections",
    "create table mine (x int)",
    "select from drizzle.__drizzle_migrations",
    "set role authio",
  ])("is refused: %s", async (statement) => {
    await expect(runtime.unsafe(statement)).rejects.toMatchObject({ code: "42501" });
  });
});

describe("doctor", () => {
  it("is content with it", async () => {
    const { code, lines } = await doctorOf();
    expect(lines.filter((line) => /^(FAIL|warn)/.test(line))).toEqual([]);
    expect(code).toBe(0);
  });

  it("warns where the role owns the trail, and where its trigger is off; both start", async () => {
    const owner = await doctorOf({ DATABASE_URL: ownerUrl() });
    expect(owner.lines.join("\n")).toMatch(
      /^warn  grants +the audit trail could be changed: .*\n +-> .*grants\.sql$/m,
    );
    expect(owner.code).toBe(0);
    await product.sql`alter table audit_events disable trigger audit_events_append_only`;
    const off = await doctorOf();
    await product.sql`alter table audit_events enable trigger audit_events_append_only`;
    expect(off.lines.join("\n")).toMatch(
      /^warn  grants +the audit trail can be changed: its trigger is off/m,
    );
    expect(off.code).toBe(0);
  });

  it("says what is missing: a namespace, the tables, the server", async () => {
    const missing = await doctorOf({ TEMPORAL_NAMESPACE: "nowhere" });
    expect(missing.lines.join("\n")).toMatch(
      /^FAIL  namespace +has no such namespace\n +-> .*TEMPORAL_NAMESPACE$/m,
    );
    expect(missing.code).toBe(1);
    const empty = await newDatabase();
    const unmigrated = await doctorOf({ DATABASE_URL: empty.url.href });
    await empty.drop();
    expect(unmigrated.lines.join("\n")).toMatch(
      /^FAIL  migrations +has no tables .*\n +-> .*npm run migrate/m,
    );
    const away = await doctorOf({ DATABASE_URL: "postgres://127.0.0.1:1/none" });
    expect(away.lines.join("\n")).toMatch(
      /^FAIL  database +does not answer .*ECONNREFUSED.*\n +-> .*DATABASE_URL/m,
    );
  });
});
