import { randomBytes } from "node:crypto";
import { type Database, openDatabase } from "../../../src/db/client.ts";
import { recordConsent } from "../../../src/db/provision-requests/consent.ts";
import { issueRequest, type NewRequest } from "../../../src/db/provision-requests/issue-request.ts";
import { issueRenewal } from "../../../src/db/connection-operations/renewals.ts";
import { findOperation } from "../../../src/db/connection-operations/find-operation.ts";
import { operationRefOf } from "../../../src/domain/provision-request.ts";
import { recordProof } from "../../../src/db/provision-requests/proof.ts";
import { beginRun } from "../../../src/db/connection-operations/begin-run.ts";
import { listConnections } from "../../../src/db/sso-connections.ts";
import type { OperationKind } from "../../../src/domain/operation-kinds.ts";
import type { EntraTenantId, OrgId, ProjectId } from "../../../src/domain/ids.ts";
import type { SsoConnection } from "../../../src/domain/sso-connection.ts";
import { changeAccess } from "../../../src/operations/change-access.ts";
import { systemClock } from "../../../src/domain/clock.ts";
import { disconnect } from "../../../src/operations/disconnect.ts";
import { restore } from "../../../src/operations/restore.ts";
import type { SimulatedApplication, SimulatedTenant } from "../../../src/simulator/directory.ts";
import { drifts } from "../../../src/simulator/drifts.ts";
import { eventually, liveApplications, newOrg, type Product, testProject } from "../../support/product.ts";

/**
 * Each case with its name, for a title of "%s": vitest shortens what it puts in for "$name", and `-t` with the name that
 * the documents give would find nothing.
 */
export function byName<T extends { readonly name: string }>(cases: readonly T[]): (readonly [string, T])[] {
  return cases.map((one) => [one.name, one]);
}

/** Writes a proved request, as the callback would, and starts its run. */
export async function proveAndStart(
  product: Product,
  tenant: SimulatedTenant,
  org: string = newOrg(),
  orgName = "Fault & Söhne",
  wish: Partial<Pick<NewRequest, "intent" | "wantedConnectionId">> = {},
): Promise<{ id: string; org: string }> {
  tenant.consentedMs ??= Date.now() - 60_000;
  const database = openDatabase(product.environment["DATABASE_URL"] ?? "", { poolMax: 1 });
  try {
    const entraTenantId = tenant.id as EntraTenantId;
    const browserHash = randomBytes(32).toString("hex");
    const issued = await issueRequest(database, {
      ssoOrigin: product.origin,
      projectId: testProject as ProjectId,
      orgId: org as OrgId,
      orgName,
      startedBy: "usr_1",
      returnTo: null,
      access: null,
      wantedConnectionId: null,
      additional: false,
      binding: "cookie",
      stateHash: randomBytes(32).toString("hex"),
      browserHash,
      ...wish,
    });
    await recordConsent(database, issued.id, {
      tenantHint: entraTenantId,
      browserHash,
    });
    const proof = {
      entraTenantId,
      administratorObjectId: tenant.users[0]?.id ?? "",
      role: "test",
      domain: null,
      userName: null,
    };
    const proved = await recordProof(database, issued.id, proof, "");
    if (proved.status !== "proved") throw new Error("it was not proved");
    // Or the reconciler of a worker was first.
    const ref = operationRefOf(proved);
    if (!ref) throw new Error("it has no operation");
    await beginRun(database, ref);
    const operation = await findOperation(database, ref.id);
    if (operation) await product.api.runs.start(operation);
    return { id: issued.id, org };
  } finally {
    await database.close();
  }
}

/** Of a click, or of an operation without one. */
export async function statusOf(
  product: Product,
  id: string,
): Promise<{ status: string; cleanup: string; code: string | null }> {
  const [row] =
    await product.sql`select status, cleanup, error_code as code from ms_provision_requests where id = ${id}
      union all select status, cleanup, error_code from connection_operations where id = ${id}`;
  return row as { status: string; cleanup: string; code: string | null };
}

/** The workflow of a click or of an operation without one; null where it was stopped before it had one. */
async function workflowOf(product: Product, id: string): Promise<string | null> {
  const [row] = await product.sql`
    select workflow_id as id from connection_operations where ${id} in (id, request_id)`;
  return (row?.["id"] ?? null) as string | null;
}

/** Until the request has ended, its clean-up too, and its workflow is closed. */
export async function untilEnded(product: Product, id: string, withinMs = 120_000): Promise<void> {
  await eventually(async () => {
    const { status, cleanup } = await statusOf(product, id);
    return (status === "succeeded" || status === "failed") && cleanup !== "pending";
  }, withinMs);
  const workflowId = await workflowOf(product, id);
  if (workflowId === null) return;
  const handle = product.temporal.workflow.getHandle(workflowId);
  await eventually(async () => (await handle.describe()).status.name !== "RUNNING", withinMs);
}

type Again = (product: Product, tenant: SimulatedTenant, org: string) => Promise<string>;

/** Begins another operation on an organization's connection: by kind, the id that `statusOf` and `untilEnded` take. */
export const againOfKind: Readonly<Record<OperationKind, Again>> = {
  connect: async (product, tenant, org) => (await proveAndStart(product, tenant, org)).id,
  renew: (product, _tenant, org) =>
    onConnection(product, org, async (database, connection) => {
      const operation = await issueRenewal(database, connection, product.origin);
      if (!operation) throw new Error("no renewal was issued");
      // Or the reconciler of a worker was first.
      await beginRun(database, operation);
      await product.api.runs.start(operation);
      return operation.id;
    }),
  disconnect: (product, _tenant, org) => changeForGood(disconnect, product, org),
  restore: (product, _tenant, org) => changeForGood(restore, product, org),
  change_access: (product, _tenant, org) =>
    onConnection(product, org, async (database, { id, projectId, orgId, access }) => {
      const { operation } = await changeAccess({
        ctx: { database, runs: product.api.runs, clock: systemClock, log: product.log },
        input: {
          id,
          actor: "user:usr_1",
          owner: { projectId, orgId },
          ssoOrigin: product.origin,
          access: access === "everyone" ? "assigned" : "everyone",
          change: {},
        },
      });
      return operation.id;
    }),
  release: (product, tenant, org) =>
    onConnection(product, org, async (_database, { id: wantedConnectionId }) => {
      const release = { intent: "release", wantedConnectionId } as const;
      return (await proveAndStart(product, tenant, org, undefined, release)).id;
    }),
};

/** A tenant and organization as a kind finds them: connected, or disconnected; before a removal or a restore somebody has left credentials. */
export async function preparedFor(
  product: Product,
  kind: OperationKind,
): Promise<{ tenant: SimulatedTenant; org: string; application: SimulatedApplication }> {
  const [tenant, org] = [product.addTenant(), newOrg()];
  const { id } = await proveAndStart(product, tenant, org);
  await untilEnded(product, id);
  const [application] = liveApplications(tenant);
  if (!application) throw new Error("it was not connected");
  if (kind === "restore") await untilEnded(product, await againOfKind.disconnect(product, tenant, org));
  if (kind === "disconnect" || kind === "restore") leaveCredentials(application);
  return { tenant, org, application };
}

/** Somebody adds every kind of credential: with a deleted application they would come back. */
export function leaveCredentials(application: SimulatedApplication): void {
  drifts.add_credential.act(application);
  drifts.add_certificate.act(application);
  drifts.add_federated.act(application);
  drifts.add_enterprise_credentials.act(application);
}

const changeForGood = (verb: typeof disconnect | typeof restore, product: Product, org: string) =>
  onConnection(product, org, async (database, { id, projectId, orgId }) => {
    const { operation } = await verb({
      ctx: { database, runs: product.api.runs, clock: systemClock, log: product.log },
      input: { id, actor: "user:usr_1", owner: { projectId, orgId }, ssoOrigin: product.origin },
    });
    return operation.id;
  });

async function onConnection<T>(
  product: Product,
  org: string,
  work: (database: Database, connection: SsoConnection) => Promise<T>,
): Promise<T> {
  const database = openDatabase(product.environment["DATABASE_URL"] ?? "", { poolMax: 1 });
  try {
    const owner = { projectId: testProject as ProjectId, orgId: org as OrgId };
    const [connection] = await listConnections(database, owner);
    if (!connection) throw new Error("there is no connection");
    return await work(database, connection);
  } finally {
    await database.close();
  }
}
