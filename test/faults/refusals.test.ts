import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Product, startProduct } from "../support/product.ts";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { refuseProof } from "../support/refuse-proof.ts";
import { proveAndStart, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { newWorkerRole } from "./support/worker-role.ts";

// The database answers and refuses: a right, a column, a table or a connection is missing for a while. That is somebody's
// mistake and no property of the data, so the run waits, operators are alarmed, and it goes on once it is set right.

interface Refusal {
  readonly name: string;
  readonly sqlstate: string;
  readonly take: string;
  readonly give: string;
  readonly undo?: true;
  /** Taken once the request is proved, since the API's statements need it too; Microsoft holds the run up meanwhile. */
  readonly isLate?: true;
  readonly forMs?: number;
}

const operations = "connection_operations";
let columns: readonly string[] = [];
/** Every column of a request may be written, but for one. */
const withoutUpdate = (column: string): string =>
  `revoke update on ${operations} from worker; grant update (${columns.filter((one) => one !== column).join(", ")}) on ${operations} to worker`;
const withUpdate = `revoke update on ${operations} from worker; grant update on ${operations} to worker`;
const cut = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'worker'";

const cases = (): readonly Refusal[] => [
  ...[
    ["the connection", "insert on sso_connections", 6000],
    ["the audit event", "insert on audit_events"],
    ["the fence", `select on ${operations}`],
  ].map(([name, right, forMs]) => ({
    name: `${name} × a right is missing`,
    sqlstate: "42501",
    take: `revoke ${right} from worker`,
    give: `grant ${right} to worker`,
    ...(forMs === undefined ? {} : { forMs: Number(forMs) }),
  })),
  ...(
    [
      ["the intent", "create_intent_at"],
      ["the application's ids", "adopted"],
      ["the credential's claim", "credential_attempt"],
      ["the success", "settle_due_at"],
      ["the failure", "error_code", 6000],
      ["the clean-up's end", "settle_due_at", 1500],
    ] as const
  ).map(([name, column, undoForMs]) => ({
    name: `${name} × a right is missing`,
    sqlstate: "42501",
    take: withoutUpdate(column),
    give: withUpdate,
    ...(undoForMs === undefined ? {} : { undo: true as const, forMs: undoForMs }),
  })),
  {
    name: "the connection × a column is missing",
    sqlstate: "42703",
    take: "alter table sso_connections rename issuer to gone",
    give: "alter table sso_connections rename gone to issuer",
    forMs: 6000,
    isLate: true,
  },
  {
    name: "the connection × the table is missing",
    sqlstate: "42P01",
    take: "alter table sso_connections rename to gone",
    give: "alter table gone rename to sso_connections",
    isLate: true,
  },
  {
    name: "any statement × no connection is left for the role",
    sqlstate: "53300",
    take: `alter role worker connection limit 0; ${cut}`,
    give: "alter role worker connection limit -1",
  },
  {
    name: "any statement × the role may not log in",
    sqlstate: "28000",
    take: `alter role worker nologin; ${cut}`,
    give: "alter role worker login",
  },
];

let product: Product;
let worker: string;
const asOwner = (statements: string): Promise<unknown> =>
  product.sql.unsafe(statements.replaceAll(/\bworker\b/g, worker)).simple();
const alarms = (sqlstate: string): number =>
  product.lines.filter((line) => line.includes(`refuses a statement (${sqlstate})`)).length;

beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_ADOPT_WINDOW_MS: "400" });
  const { role, url } = await newWorkerRole(product);
  worker = role;
  const rows = await product.sql`select attname from pg_attribute
    where attrelid = 'connection_operations'::regclass and attnum > 0 and not attisdropped`;
  columns = rows.map((row) => String(row["attname"]));
  await product.startWorker({ pace: { budgetFactor: 1, retryDelayMs: 200 } }, { DATABASE_URL: url.href });
});
afterAll(() => product.stop());

const names = cases().map(({ name }) => name);

describe("the database refuses", () => {
  it.each(names)("%s", { timeout: 180_000 }, async (name) => {
    const one = cases().find((refusal) => refusal.name === name);
    if (!one) throw new Error("no such case");
    const tenant = product.addTenant();
    if (one.undo) product.simulator.world.setTenantFaults(tenant.id, [refuseProof]);
    if (one.isLate)
      product.simulator.world.setTenantFaults(tenant.id, [
        { call: "addPassword", kind: "answer", status: 503, times: 4 },
      ]);
    const before = alarms(one.sqlstate);
    const take = async (): Promise<void> => void (await asOwner(one.take));
    let id = "";
    try {
      if (!one.isLate) await take();
      ({ id } = await proveAndStart(product, tenant));
      if (one.isLate) await take();
      await eventually(() => alarms(one.sqlstate) > before, 60_000);
      await new Promise((resolve) => setTimeout(resolve, one.forMs ?? 1500));
      const [row] = await product.sql`
        select status = 'provisioning' or cleanup = 'pending' as waits from ms_provision_requests where id = ${id}`;
      expect(row).toEqual({ waits: true });
    } finally {
      await asOwner(one.give);
    }
    await untilEnded(product, id);
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
    const { status, code } = await statusOf(product, id);
    expect(status).toBe(one.undo ? "failed" : "succeeded");
    expect(code).not.toBe("internal");
  });
});

itLeavesNoPlaintext(() => product);

itHasDocumentedCases("what the database refuses", cases().length);
