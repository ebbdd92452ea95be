import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "../../src/db/client.ts";
import type { Queries } from "../../src/db/queries.ts";
import { beginRun } from "../../src/db/connection-operations/begin-run.ts";
import { requireCurrentRun } from "../../src/db/connection-operations/fence.ts";
import { listDueRenewals } from "../../src/db/connection-operations/renewals.ts";
import { claimDueSettles, endedOwners } from "../../src/db/connection-operations/settle.ts";
import { listNamedApplications, listUnfinishedOwners } from "../../src/db/connection-operations/sweep.ts";
import { countWaiting, listUnfinishedOperations } from "../../src/db/connection-operations/unfinished.ts";
import { findTenantOfDomain } from "../../src/db/connection-domains.ts";
import { changeConnection } from "../../src/db/connection-status.ts";
import { findWork, listWork } from "../../src/db/find-work.ts";
import { readOperatorFigures } from "../../src/db/operator-figures.ts";
import { migrateDatabase } from "../../src/db/migrate.ts";
import { recordConsent } from "../../src/db/provision-requests/consent.ts";
import { expireStaleRequests } from "../../src/db/provision-requests/expire-requests.ts";
import {
  findRequest,
  findRequestByStateHash,
  findRunningRequest,
  listOpenRequests,
} from "../../src/db/provision-requests/find-request.ts";
import { findSetupLinkByToken } from "../../src/db/setup-links/find-link.ts";
import { pressSetupLink } from "../../src/db/setup-links/press-link.ts";
import { issueRequest } from "../../src/db/provision-requests/issue-request.ts";
import { claimProofLease, recordProof } from "../../src/db/provision-requests/proof.ts";
import { isNamedByConnection, listConnections } from "../../src/db/sso-connections.ts";
import type {
  ConnectionId,
  EntraTenantId,
  OperationId,
  OrgId,
  ProjectId,
  ProvisionRequestId,
  SetupLinkId,
} from "../../src/domain/ids.ts";
import { newDatabase } from "../support/databases.ts";
import { fillTables } from "../support/fill-tables.ts";

// What people and loops ask must not read whole tables, however full they are.

const rows = 100_000;
const ssoOrigin = "https://sso.example.com";
const [orgId, tenantId] = ["org_7" as OrgId, "tenant_7" as EntraTenantId];
const id = "mspr_00000000000000000000000000000007" as ProvisionRequestId;
const operationId = "op_00000000000000000000000000000007" as OperationId;
const big = [
  "ms_provision_requests",
  "connection_operations",
  "sso_connections",
  "signin_codes",
  "signin_tokens",
  "audit_events",
];

/** Of the audit trail each partition counts. */
const isBig = (name: string): boolean => big.includes(name) || /^audit_events_(?!default)/.test(name);

let server: Awaited<ReturnType<typeof newDatabase>>;
let client: postgres.Sql;
let asked: { text: string; values: unknown[] }[] = [];
let database: Database;
beforeAll(async () => {
  server = await newDatabase();
  await migrateDatabase(server.url.href);
  await fillTables(server.sql, rows, ssoOrigin);
  await server.sql`insert into setup_links (id, sso_origin, project_id, org_id, created_by, token_hash, expires_at)
    values (${setupLinkId}, ${ssoOrigin}, 'proj_1', 'org_7', 'usr_1', 'token', now() + interval '1 day')`;
  client = postgres(server.url.href, { max: 2, onnotice: () => {} });
  const logger = {
    logQuery: (text: string, values: unknown[]) => {
      asked.push({ text, values });
    },
  };
  const db = drizzle(client, { logger });
  database = {
    run: (work) => work(db),
    transaction: (work) => db.transaction((q) => work(q as unknown as Queries)),
    close: () => client.end(),
  };
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Plan[];
}
const wholeReads = (plan: Plan): string[] => [
  ...(plan["Node Type"] === "Seq Scan" && isBig(plan["Relation Name"] ?? "")
    ? [`reads all of ${plan["Relation Name"]}`]
    : []),
  ...(plan.Plans ?? []).flatMap(wholeReads),
];

/** What each statement of `work` reads whole. Statements are planned as they were sent, with their values. */
async function wholeReadsOf(work: () => Promise<unknown>): Promise<string[]> {
  asked = [];
  // Rows of this kind need not be there: the statements before the refusal count.
  await work().catch(() => undefined);
  const statements = asked.filter(({ text }) => /^\s*(select|insert|update|delete|with)/i.test(text));
  expect(statements.length).toBeGreaterThan(0);
  const found: string[] = [];
  for (const { text, values } of statements) {
    const [row] = await client.unsafe(`explain (format json) ${text}`, values as never[]);
    const explained = row?.["QUERY PLAN"] as [{ Plan: Plan }] | undefined;
    if (!explained) throw new Error("no plan came");
    found.push(...wholeReads(explained[0].Plan).map((what) => `${what}: ${text}`));
  }
  return found;
}

const setupLinkId = `msl_${"7".repeat(32)}` as SetupLinkId;
const run = { operationId, generation: 1, workflowId: "ms-provision-7", ssoOrigin };
const proof = {
  entraTenantId: tenantId,
  administratorObjectId: randomUUID(),
  role: "role",
  domain: null,
  userName: null,
};
const newRequest = {
  ssoOrigin,
  projectId: "proj_1" as ProjectId,
  orgId: "org_new" as OrgId,
  orgName: null,
  startedBy: "user_7",
  returnTo: null,
  access: null,
  wantedConnectionId: null,
  additional: false,
  binding: "cookie",
  stateHash: randomUUID(),
  browserHash: "browser",
} as const;
const owner = { projectId: newRequest.projectId, orgId };

it.each<[string, () => Promise<unknown>]>([
  ["start", () => issueRequest(database, newRequest)],
  ["callback leg 1", () => findRequestByStateHash(database, "state_7")],
  ["the consent", () => recordConsent(database, id, { tenantHint: tenantId, browserHash: "browser" })],
  ["the lease of a proof", () => claimProofLease(database, id, "free")],
  ["the proof", () => recordProof(database, id, proof, "hash")],
  ["the wait for the outcome", () => findRequest(database, id)],
  ["the dashboard's button", () => findRunningRequest(database, owner)],
  ["a setup link", () => findSetupLinkByToken(database, "token")],
  [
    "the press of a setup link",
    () =>
      pressSetupLink(database, setupLinkId, {
        stateHash: "pressed",
        browserHash: "presser",
        isSameBrowser: () => false,
      }),
  ],
  ["open attempts", () => listOpenRequests(database, owner)],
  ["an organization's connections", () => listConnections(database, owner)],
  ["a domain", () => findTenantOfDomain(database, { projectId: newRequest.projectId, domain: "x.example" })],
  [
    "a suspension",
    () =>
      changeConnection(database, "sso_7" as ConnectionId, { status: "suspended" }, { actor: "user:user_7" }),
  ],
  ["a run's begin", () => beginRun(database, { id: operationId, kind: "connect", requestId: id })],
  ["a step's fence", () => requireCurrentRun(database, run)],
  ["reconcile: what is stale", () => expireStaleRequests(database)],
  ["reconcile: what is unfinished", () => listUnfinishedOperations(database, { ssoOrigin, limit: 500 })],
  ["reconcile: what waits", () => countWaiting(database, ssoOrigin)],
  ["settle", () => claimDueSettles(database, { ssoOrigin, limit: 20 })],
  ["settle: whose marks", () => endedOwners(database, [id])],
  ["the undo", () => isNamedByConnection(database, "object_7")],
  ["sweep: named applications", () => listNamedApplications(database, tenantId)],
  ["sweep: what is unfinished", () => listUnfinishedOwners(database, tenantId)],
  ["an operator's look", () => findWork(database, operationId)],
  ["an operator's list", () => listWork(database, {}, { limit: 50 })],
  ["renewals that are due", () => listDueRenewals(database, { ssoOrigin, limit: 20 })],
])("%s stays on indexes with 100,000 rows in each table", async (_, work) => {
  expect(await wholeReadsOf(work)).toEqual([]);
});

it("a scrape reads whole only the connections, which it counts by status", async () => {
  expect(await wholeReadsOf(() => readOperatorFigures(database))).toEqual([
    expect.stringMatching(/^reads all of sso_connections: select status, count/),
  ]);
});

it("a statement without an index is told", async () => {
  const byName = () =>
    database.run((q) => q.execute("select 1 from sso_connections where display_name = 'x'"));
  expect(await wholeReadsOf(byName)).toEqual([expect.stringMatching(/^reads all of sso_connections/)]);
});
