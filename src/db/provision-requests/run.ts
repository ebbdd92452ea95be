import { and, eq, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { CodedError } from "../../domain/coded-error.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { ProvisionRequestId } from "../../domain/ids.ts";
import type { MicrosoftReference } from "../../domain/microsoft-codes.ts";
import type { ApplicationIds, RecordedOutcome, StoredSecret } from "../../domain/provision-activities.ts";
import { type RunRef, workflowIdOf } from "../../domain/provision-contract.ts";
import { openRunsPerTenantMax, type ProvisionRequest } from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database, Queries } from "../client.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests, ssoConnections } from "../schema.ts";

/** Strays are looked for at once by the run itself, then after 15 s and 5 min; see settle.ts. */
const firstSettle = sql`now() + interval '15 seconds'`;

/** One generation of one request, whatever its status. */
const ofGeneration = (run: RunRef) =>
  and(eq(provisionRequests.id, run.requestId), eq(provisionRequests.generation, run.generation));

/** The fence: the row is in the hands of exactly this generation's run. */
const isCurrent = (run: RunRef) =>
  and(
    ofGeneration(run),
    eq(provisionRequests.workflowId, workflowIdOf(run.requestId)),
    eq(provisionRequests.status, "provisioning"),
  );

/** A request behind the fence: what the constraints promise of it, in the type. */
export type CurrentRequest = ProvisionRequest & {
  entraTenantId: NonNullable<ProvisionRequest["entraTenantId"]>;
  connectionId: NonNullable<ProvisionRequest["connectionId"]>;
};

/**
 * `proved → provisioning`; the workflow is started after this commits. False when another call was first, or when the
 * tenant has as many runs open as it may: the reconciler asks again.
 */
export async function beginProvisioning(database: Database, id: ProvisionRequestId): Promise<boolean> {
  const rows = await database.run((q) =>
    q
      .update(provisionRequests)
      .set({ status: "provisioning", workflowId: workflowIdOf(id) })
      .where(
        and(
          eq(provisionRequests.id, id),
          eq(provisionRequests.status, "proved"),
          sql`(select count(*) from ms_provision_requests as other
            where other.entra_tenant_id = ${provisionRequests.entraTenantId}
              and other.status = 'provisioning') < ${openRunsPerTenantMax}`,
        ),
      )
      .returning({ id: provisionRequests.id }),
  );
  return rows.length === 1;
}

/** @throws {CodedError} run_not_current when the request has ended or another generation has taken over */
export async function requireCurrentRun(database: Database, run: RunRef): Promise<CurrentRequest> {
  const rows = await database.run((q) => q.select().from(provisionRequests).where(isCurrent(run)));
  if (!rows[0]) throw new CodedError("run_not_current", `${run.requestId} generation ${run.generation}`);
  return toRequest(rows[0]) as CurrentRequest;
}

/** The row of a generation whatever its status, held until the transaction ends. */
async function lockGeneration(q: Queries, run: RunRef): Promise<CurrentRequest | undefined> {
  const rows = await q.select().from(provisionRequests).where(ofGeneration(run)).for("update");
  return rows[0] && (toRequest(rows[0]) as CurrentRequest);
}

/** Writes behind the fence. @throws {CodedError} run_not_current */
async function updateCurrent(
  q: Queries,
  run: RunRef,
  values: PgUpdateSetSource<typeof provisionRequests>,
): Promise<CurrentRequest> {
  const rows = await q.update(provisionRequests).set(values).where(isCurrent(run)).returning();
  if (!rows[0]) throw new CodedError("run_not_current", `${run.requestId} generation ${run.generation}`);
  return toRequest(rows[0]) as CurrentRequest;
}

/** Commits that a creation is about to be sent; returns when, by this process's clock. */
export async function noteCreateIntent(database: Database, run: RunRef): Promise<Date> {
  const intentAt = new Date();
  await database.run((q) => updateCurrent(q, run, { createIntentAt: intentAt }));
  return intentAt;
}

/** Takes an intent back after Microsoft definitely refused; only the attempt that noted it may. */
export async function clearCreateIntent(database: Database, run: RunRef, intentAt: Date): Promise<void> {
  await database.run((q) =>
    q
      .update(provisionRequests)
      .set({ createIntentAt: null })
      .where(and(isCurrent(run), eq(provisionRequests.createIntentAt, intentAt))),
  );
}

/** Records the application this run works on. `adopted` protects it from the undo. */
export async function recordApplication(
  database: Database,
  run: RunRef,
  ids: ApplicationIds & { adopted: boolean },
): Promise<void> {
  const { appObjectId, appId, servicePrincipalId, adopted } = ids;
  await database.run((q) => updateCurrent(q, run, { appObjectId, appId, servicePrincipalId, adopted }));
}

/** Claims the next credential attempt; earlier attempts that still run lose their claim. */
export async function claimCredentialAttempt(database: Database, run: RunRef): Promise<CurrentRequest> {
  const credentialAttempt = sql`${provisionRequests.credentialAttempt} + 1`;
  return database.run((q) => updateCurrent(q, run, { credentialAttempt }));
}

/**
 * One transaction: the active connection, `provisioning → succeeded`, the audit event. When this generation has
 * succeeded already (its answer was lost) nothing is written and the id is returned.
 */
export async function completeRun(
  database: Database,
  run: RunRef,
  result: ApplicationIds & StoredSecret & { issuer: string; redirectUri: string; usersConsented: boolean },
): Promise<CurrentRequest> {
  return database.transaction(async (q) => {
    const locked = await lockGeneration(q, run);
    if (locked?.status === "succeeded") return locked;
    const request = await updateCurrent(q, run, {
      status: "succeeded",
      completedAt: sql`now()`,
      settleDueAt: firstSettle,
    });
    const facts = {
      appId: result.appId,
      appObjectId: result.appObjectId,
      servicePrincipalId: result.servicePrincipalId,
      issuer: result.issuer,
      redirectUri: result.redirectUri,
      sealedSecret: result.sealedSecret,
      secretKeyId: result.secretKeyId,
      secretExpiresAt: new Date(result.secretExpiresAt),
      renewalErrorCode: null,
    };
    // A consent belongs to the application: it outlives a reconnect, and a new application starts without.
    const usersConsentedAt = result.usersConsented
      ? sql`now()`
      : sql`case when ${ssoConnections.appId} = ${result.appId} then ${ssoConnections.usersConsentedAt} end`;
    await q
      .insert(ssoConnections)
      .values({
        ...facts,
        usersConsentedAt: result.usersConsented ? sql`now()` : null,
        id: request.connectionId,
        orgId: request.orgId,
        entraTenantId: request.entraTenantId,
        protocol: "oidc",
        provider: "entra",
        status: "active",
        managedBy: "microsoft_graph",
      })
      .onConflictDoUpdate({
        target: ssoConnections.id,
        set: { ...facts, usersConsentedAt, updatedAt: sql`now()` },
      });
    await appendAuditEvent(q, {
      actor: "system",
      action: "succeeded",
      request,
      detail: { connection: request.connectionId, kind: request.kind },
    });
    return request;
  });
}

/**
 * `provisioning → failed`, closing the fence before anything is undone. Finds `succeeded` when the upsert had
 * committed and its answer was lost; a second call finds `failed`.
 */
export async function failRun(
  database: Database,
  run: RunRef,
  {
    code,
    microsoft,
    operator,
  }: {
    code: ErrorCode;
    microsoft?: MicrosoftReference | undefined;
    /** Who stopped it by hand. */
    operator?: { name: string; reason: string };
  },
): Promise<RecordedOutcome> {
  return database.transaction(async (q) => {
    const request = await lockGeneration(q, run);
    if (!request) return { kind: "stale" };
    if (request.status === "succeeded") return { kind: "succeeded", connectionId: request.connectionId };
    if (request.status === "failed")
      return {
        kind: "failed",
        code: request.errorCode ?? code,
        cleanup: request.cleanup === "pending" ? "pending" : "none",
      };
    if (request.status !== "provisioning") return { kind: "stale" };
    const cleanup =
      request.createIntentAt !== null ||
      (request.appObjectId !== null && !request.adopted) ||
      request.credentialAttempt > 0
        ? "pending"
        : "none";
    await q
      .update(provisionRequests)
      .set({
        status: "failed",
        errorCode: code,
        errorMicrosoft: microsoft ?? null,
        cleanup,
        completedAt: sql`now()`,
      })
      .where(eq(provisionRequests.id, run.requestId));
    if (request.kind === "renewal")
      await q
        .update(ssoConnections)
        .set({ renewalErrorCode: code })
        .where(eq(ssoConnections.id, request.connectionId));
    await appendAuditEvent(q, {
      actor: operator === undefined ? "system" : `operator:${operator.name}`,
      action: operator === undefined ? "failed" : "cancelled",
      request,
      detail: { code, kind: request.kind, ...(operator === undefined ? {} : { reason: operator.reason }) },
    });
    return { kind: "failed", code, cleanup };
  });
}

/** Records how the undo ended. Repeat: no change, no second event. */
export async function recordCleanup(
  database: Database,
  run: RunRef,
  cleanup: "done" | "needs_operator",
): Promise<void> {
  await database.transaction(async (q) => {
    const rows = await q
      .update(provisionRequests)
      .set({ cleanup, settleDueAt: cleanup === "done" ? firstSettle : null })
      .where(and(ofGeneration(run), eq(provisionRequests.cleanup, "pending")))
      .returning();
    if (rows[0])
      await appendAuditEvent(q, {
        actor: "system",
        action: cleanup === "done" ? "cleaned_up" : "cleanup_needs_operator",
        request: toRequest(rows[0]),
      });
  });
}

/** The row of a generation whatever its status, for the undo. */
export async function findGeneration(database: Database, run: RunRef): Promise<CurrentRequest | undefined> {
  const rows = await database.run((q) => q.select().from(provisionRequests).where(ofGeneration(run)));
  return rows[0] && (toRequest(rows[0]) as CurrentRequest);
}

/** True when any connection names the application: such an application is never deleted. */
export async function isNamedByConnection(database: Database, appObjectId: string): Promise<boolean> {
  const rows = await database.run((q) =>
    q
      .select({ id: ssoConnections.id })
      .from(ssoConnections)
      .where(eq(ssoConnections.appObjectId, appObjectId)),
  );
  return rows.length > 0;
}
