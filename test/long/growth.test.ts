import { randomBytes } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/db/client.ts";
import { claimDueSettles } from "../../src/db/connection-operations/settle.ts";
import { listUnfinishedOwners } from "../../src/db/connection-operations/sweep.ts";
import { listUnfinishedOperations } from "../../src/db/connection-operations/unfinished.ts";
import { listDueRenewals } from "../../src/db/connection-operations/renewals.ts";
import { migrateDatabase } from "../../src/db/migrate.ts";
import { expireStaleRequests } from "../../src/db/provision-requests/expire-requests.ts";
import { findRequestByStateHash } from "../../src/db/provision-requests/find-request.ts";
import { issueRequest } from "../../src/db/provision-requests/issue-request.ts";
import type { EntraTenantId, OrgId, ProjectId } from "../../src/domain/ids.ts";
import { newDatabase } from "../support/databases.ts";
import { fillTables } from "../support/fill-tables.ts";

// What the statements of a click and of the loops take as tables grow: npm run measure:growth prints the table.

const sizes = [1000, 100_000, 1_000_000];
const times = 25;
const ssoOrigin = "https://sso.example.com";
const statements: Record<string, (database: Database, number: number) => Promise<unknown>> = {
  start: (database, number) => issueRequest(database, newRequest(number)),
  callback: (database, number) => findRequestByStateHash(database, `state_${number}`),
  "reconcile: what is stale": (database) => expireStaleRequests(database),
  "reconcile: 500 unfinished": (database) => listUnfinishedOperations(database, { ssoOrigin, limit: 500 }),
  settle: (database) => claimDueSettles(database, { ssoOrigin, limit: 20 }),
  "sweep of a tenant": (database, number) =>
    listUnfinishedOwners(database, `tenant_${number}` as EntraTenantId),
  "renewals that are due": (database) => listDueRenewals(database, { ssoOrigin, limit: 20 }),
};
const newRequest = (number: number) => ({
  ssoOrigin,
  projectId: "proj_1" as ProjectId,
  orgId: `org_new${number}` as OrgId,
  orgName: null,
  startedBy: "user",
  returnTo: null,
  access: null,
  wantedConnectionId: null,
  additional: false,
  binding: "cookie" as const,
  stateHash: randomBytes(32).toString("hex"),
  browserHash: "browser",
});
const found: Record<string, string[]> = {};

it.each(sizes)("with %i rows in each table no statement reads for longer than a second", async (rows) => {
  const server = await newDatabase();
  const database = openDatabase(server.url.href);
  try {
    await migrateDatabase(server.url.href);
    await fillTables(server.sql, rows, ssoOrigin);
    for (const [name, ask] of Object.entries(statements)) {
      // The first one also takes what was stale before.
      await ask(database, 0);
      const taken: number[] = [];
      for (let number = 1; number <= times; number += 1) {
        const begunMs = performance.now();
        await ask(database, number);
        taken.push(performance.now() - begunMs);
      }
      const median = taken.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? Number.NaN;
      (found[name] ??= []).push(median.toFixed(1));
      expect(median).toBeLessThan(1000);
    }
  } finally {
    await database.close();
    await server.drop();
  }
});

afterAll(() => {
  const rows = [["p50 in ms, rows in each table", ...sizes.map((size) => size.toLocaleString("en"))]];
  for (const [name, values] of Object.entries(found)) rows.push([name, ...values]);
  process.stdout.write(`${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n`);
});
