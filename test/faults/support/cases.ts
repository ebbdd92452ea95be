import { randomBytes } from "node:crypto";
import { openDatabase } from "../../../src/db/client.ts";
import { recordConsent } from "../../../src/db/provision-requests/consent.ts";
import { issueRequest } from "../../../src/db/provision-requests/issue-request.ts";
import { recordProof } from "../../../src/db/provision-requests/proof.ts";
import { beginProvisioning } from "../../../src/db/provision-requests/run.ts";
import type { EntraTenantId, OrgId, ProjectId } from "../../../src/domain/ids.ts";
import type { SimulatedTenant } from "../../../src/simulator/directory.ts";
import { eventually, newOrg, type Product, testProject } from "../../support/product.ts";

/** True in the whole run; in `npm test` each family runs a sample. */
export const isFullRun = process.env["FAULTS"] === "full";

/**
 * All cases, or every n-th of them: the same ones each time. Each goes with its name, for a title of "%s": vitest
 * shortens what it puts in for "$name", and `-t` with the name that the documents give would find nothing.
 */
export function sampled<T extends { readonly name: string }>(
  cases: readonly T[],
  every: number,
): (readonly [string, T])[] {
  return cases.filter((_, index) => isFullRun || index % every === 0).map((one) => [one.name, one]);
}

/** Writes a proved request, as the callback would, and starts its run. */
export async function proveAndStart(
  product: Product,
  tenant: SimulatedTenant,
  org: string = newOrg(),
  orgName = "Fault & Söhne",
): Promise<{ id: string; org: string }> {
  tenant.consentedMs ??= Date.now() - 60_000;
  const database = openDatabase(product.environment["DATABASE_URL"] ?? "", { poolMax: 1 });
  try {
    const entraTenantId = tenant.id as EntraTenantId;
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
      browserHash: randomBytes(32).toString("hex"),
    });
    await recordConsent(database, issued.id, {
      tenantHint: entraTenantId,
      browserHash: issued.browserHash ?? "",
    });
    const proof = { entraTenantId, administratorObjectId: tenant.users[0]?.id ?? "", role: "test" };
    const proved = await recordProof(database, issued.id, proof, "");
    if (!proved) throw new Error("it was not proved");
    // Or the reconciler of a worker was first.
    await beginProvisioning(database, issued.id);
    await product.api.runs.start(proved);
    return { id: issued.id, org };
  } finally {
    await database.close();
  }
}

export async function statusOf(
  product: Product,
  id: string,
): Promise<{ status: string; cleanup: string; code: string | null }> {
  const [row] =
    await product.sql`select status, cleanup, error_code as code from ms_provision_requests where id = ${id}`;
  return row as { status: string; cleanup: string; code: string | null };
}

/** Until the request has ended, its clean-up too, and its workflow is closed. */
export async function untilEnded(product: Product, id: string, withinMs = 120_000): Promise<void> {
  await eventually(async () => {
    const { status, cleanup } = await statusOf(product, id);
    return (status === "succeeded" || status === "failed") && cleanup !== "pending";
  }, withinMs);
  const handle = product.temporal.workflow.getHandle(`ms-provision-${id}`);
  await eventually(async () => (await handle.describe()).status.name !== "RUNNING", withinMs);
}
