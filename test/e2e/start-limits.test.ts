import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/db/client.ts";
import { issueRequest, type NewRequest } from "../../src/db/provision-requests/issue-request.ts";
import { CodedError } from "../../src/domain/coded-error.ts";
import type { OrgId, ProjectId } from "../../src/domain/ids.ts";
import { newOrg, type Product, startProduct } from "../support/product.ts";

let product: Product;
/** As two api processes have them. */
let databases: readonly Database[];
beforeAll(async () => {
  product = await startProduct();
  databases = [0, 1].map(() => openDatabase(product.environment["DATABASE_URL"] ?? ""));
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await product.stop();
});

/** So many at once, each of a person of their own unless named; how each ended, counted. */
async function startAtOnce(org: string, count: number, person?: string): Promise<Record<string, number>> {
  const outcomes = await Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const database = databases[number % databases.length] as Database;
      return issueRequest(database, requestOf(org, person ?? `user_${number}`)).then(
        () => "issued",
        (error: unknown) => (error instanceof CodedError ? error.code : String(error)),
      );
    }),
  );
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

const requestOf = (org: string, startedBy: string): NewRequest => ({
  ssoOrigin: product.origin,
  projectId: "proj_test" as ProjectId,
  orgId: org as OrgId,
  orgName: null,
  startedBy,
  returnTo: null,
  access: null,
  wantedConnectionId: null,
  additional: false,
  binding: "cookie",
  stateHash: randomBytes(32).toString("hex"),
  browserHash: "browser",
});

async function haveEnded(org: string, count: number, person: string): Promise<void> {
  await product.sql`insert into ms_provision_requests
      (id, sso_origin, project_id, org_id, started_by, binding, state_hash, browser_hash, status, expires_at, completed_at)
    select ${org} || i, ${product.origin}, 'proj_test', ${org}, ${person}, 'cookie', ${org} || i, 'b', 'expired', now(), now()
    from generate_series(1, ${count}::int) i`;
}

it.each([
  ["five are open", 0, "user_before", undefined, { issued: 5, too_many_open_requests: 35 }],
  ["fifty a day", 48, "user_before", undefined, { issued: 2, daily_limit_reached: 38 }],
  ["twenty a day of one person", 19, "user_same", "user_same", { issued: 1, daily_limit_reached: 39 }],
])("at most %s, however many begin at once in two processes", async (_, ended, before, person, expected) => {
  const org = newOrg();
  await haveEnded(org, ended, before);
  expect(await startAtOnce(org, 40, person)).toEqual(expected);
  const [told] = await product.sql`
    select count(*)::int as count from audit_events where org_id = ${org} and action = 'started'`;
  expect(told?.["count"]).toBe(expected.issued);
});

it("says when it may go on: after the first of the day has left the day", async () => {
  const org = newOrg();
  await haveEnded(org, 20, "user_same");
  const error: unknown = await issueRequest(databases[0] as Database, requestOf(org, "user_same")).catch(
    (thrown: unknown) => thrown,
  );
  const dayMs = 24 * 60 * 60_000;
  expect(error).toMatchObject({ code: "daily_limit_reached" });
  expect((error as CodedError).retryAfterMs).toBeGreaterThan(dayMs - 60_000);
  expect((error as CodedError).retryAfterMs).toBeLessThanOrEqual(dayMs);
});
