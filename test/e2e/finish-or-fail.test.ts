import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { DatabaseError } from "../../src/db/database-error.ts";
import { issueRequest } from "../../src/db/provision-requests/issue-request.ts";
import { completeRun, failRun } from "../../src/db/connection-operations/end-run.ts";
import { requireCurrentRun } from "../../src/db/connection-operations/fence.ts";
import { findOperationOf } from "../../src/db/connection-operations/find-operation.ts";
import type { OperationId, OrgId, ProjectId, ProvisionRequestId } from "../../src/domain/ids.ts";
import { connectionRows } from "../support/connection-rows.ts";
import { connect, newOrg, type Product, startProduct } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

it("an upsert whose answer was lost is success when repeated, and no failure can follow it", async () => {
  const org = newOrg();
  const { id, end } = await connect(product, product.addTenant(), { org });
  const database = openDatabase(product.environment["DATABASE_URL"] ?? "");
  const operation = await findOperationOf(database, id as ProvisionRequestId);
  const run = {
    operationId: operation?.id as OperationId,
    generation: 1,
    workflowId: `ms-provision-${id}`,
    ssoOrigin: product.origin,
  };
  const before = await connectionRows(product.sql, org);
  const again = await completeRun(database, run, () => {
    throw new Error("nothing is to be written");
  });
  expect(again.connectionId).toBe(end.searchParams.get("connection"));
  expect(await connectionRows(product.sql, org)).toEqual(before);
  expect(await failRun(database, run, { code: "internal" })).toEqual({
    kind: "succeeded",
    connectionId: again.connectionId,
  });
  await expect(requireCurrentRun(database, run)).rejects.toThrow(
    expect.objectContaining({ code: "run_not_current" }),
  );
  await expect(failRun(database, { ...run, generation: 2 }, { code: "internal" })).resolves.toEqual({
    kind: "stale",
  });
  for (const other of [
    { workflowId: "ms-provision-other" },
    { ssoOrigin: "https://sso.staging.example.com" },
  ])
    expect(await failRun(database, { ...run, ...other }, { code: "internal" })).toEqual({ kind: "stale" });
  const final =
    await product.sql`select action from audit_events where request_id = ${id} and action in ('succeeded', 'failed')`;
  expect(final).toHaveLength(1);
  await database.close();
});

it("errors that leave the database folder hold no bound values", async () => {
  const database = openDatabase(product.environment["DATABASE_URL"] ?? "");
  const request = {
    projectId: "proj_test" as ProjectId,
    orgId: "org_canary-value" as OrgId,
    ssoOrigin: product.origin,
    orgName: "canary-name",
    startedBy: "u",
    returnTo: null,
    access: null,
    wantedConnectionId: null,
    additional: false,
    binding: "cookie" as const,
    stateHash: "same",
    browserHash: "b",
  };
  await issueRequest(database, request);
  const error: unknown = await issueRequest(database, request).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DatabaseError);
  expect(error).toMatchObject({ code: "23505", constraint: "ms_provision_requests_state_hash" });
  expect(
    `${(error as Error).message}${(error as Error).stack}${JSON.stringify(error)}${String((error as Error).cause)}`,
  ).not.toContain("canary");
  await database.close();
});
