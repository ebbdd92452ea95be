import { and, eq, isNull, or, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { CodedError } from "../../domain/coded-error.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { ProvisionRequestId } from "../../domain/ids.ts";
import type { MicrosoftReference } from "../../domain/microsoft-codes.ts";
import type { ApplicationIds, RecordedOutcome } from "../../domain/provision-activities.ts";
import { type FencedRun, workflowIdOf } from "../../domain/provision-contract.ts";
import {
  openRunsPerTenantMax,
  type ProvisionRequest,
  type RequestKind,
} from "../../domain/provision-request.ts";
import { type Actor, appendAuditEvent } from "../audit-events.ts";
import type { Database, Queries } from "../client.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests, ssoConnections } from "../schema.ts";
import { type ConnectionFacts, writeConnection } from "../sso-connections.ts";

/** Strays are looked for at once by the run itself, then after 15 s and 5 min; see settle.ts. */
const firstSettle = sql`now() + interval '15 seconds'`;

/** One generation of one request, whatever its status, for the workflow and the sso origin that the row names. */
const ofGeneration = (run: FencedRun) =>
  and(
    eq(provisionRequests.id, run.requestId),
    eq(provisionRequests.generation, run.generation),
    eq(provisionRequests.workflowId, run.workflowId),
    or(isNull(provisionRequests.ssoOrigin), eq(provisionRequests.ssoOrigin, run.ssoOrigin)),
  );

/** The fence: the row is in the hands of exactly this generation's run. */
const isCurrent = (run: FencedRun) => and(ofGeneration(run), eq(provisionRequests.status, "provisioning"));

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

/**
 * `kind`: for a step that only one kind of request takes.
 * @throws {CodedError} run_not_current when the request has ended, another generation has taken over, or the row names
 * another workflow
 */
export async function requireCurrentRun(
  database: Database,
  run: FencedRun,
  kind?: RequestKind,
): Promise<CurrentRequest> {
  const ofKind = kind && eq(provisionRequests.kind, kind);
  const rows = await database.run((q) =>
    q
      .select()
      .from(provisionRequests)
      .where(and(isCurrent(run), ofKind)),
  );
  if (!rows[0]) throw new CodedError("run_not_current", `${run.requestId} generation ${run.generation}`);
  return toRequest(rows[0]) as CurrentRequest;
}

/** The row of a generation whatever its status, held until the transaction ends. */
async function lockGeneration(q: Queries, run: FencedRun): Promise<CurrentRequest | undefined> {
  const rows = await q.select().from(provisionRequests).where(ofGeneration(run)).for("update");
  return rows[0] && (toRequest(rows[0]) as CurrentRequest);
}

/** Writes behind the fence. @throws {CodedError} run_not_current */
async function updateCurrent(
  q: Queries,
  run: FencedRun,
  values: PgUpdateSetSource<typeof provisionRequests>,
): Promise<CurrentRequest> {
  const rows = await q.update(provisionRequests).set(values).where(isCurrent(run)).returning();
  if (!rows[0]) throw new CodedError("run_not_current", `${run.requestId} generation ${run.generation}`);
  return toRequest(rows[0]) as CurrentRequest;
}

/** Commits that a creation is about to be sent; returns when, by this process's clock. */
export async function noteCreateIntent(database: Database, run: FencedRun): Promise<Date> {
  const intentAt = new Date();
  await database.run((q) => updateCurrent(q, run, { createIntentAt: intentAt, createRefused: false }));
  return intentAt;
}

/** Notes that Microsoft answered the intended creation with a refusal; only the attempt that intended it may. */
export async function noteCreateRefused(database: Database, run: FencedRun, intentAt: Date): Promise<void> {
  await database.run((q) =>
    q
      .update(provisionRequests)
      .set({ createRefused: true })
      .where(and(isCurrent(run), eq(provisionRequests.createIntentAt, intentAt))),
  );
}

/** Takes an intent back after Microsoft definitely refused; only the attempt that noted it may. */
export async function clearCreateIntent(database: Database, run: FencedRun, intentAt: Date): Promise<void> {
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
  run: FencedRun,
  ids: ApplicationIds & { adopted: boolean },
): Promise<void> {
  const { appObjectId, appId, servicePrincipalId, adopted } = ids;
  await database.run((q) => updateCurrent(q, run, { appObjectId, appId, servicePrincipalId, adopted }));
}

/** Records that this run consented for all users of its application. */
export async function noteUsersConsented(database: Database, run: FencedRun): Promise<void> {
  await database.run((q) => updateCurrent(q, run, { usersConsented: true }));
}

/** Claims the next credential attempt; earlier attempts that still run lose their claim. */
export async function claimCredentialAttempt(database: Database, run: FencedRun): Promise<CurrentRequest> {
  const credentialAttempt = sql`${provisionRequests.credentialAttempt} + 1`;
  return database.run((q) => updateCurrent(q, run, { credentialAttempt }));
}

/**
 * One transaction: the active connection, `provisioning → succeeded`, the audit event. `factsOf` judges the row and
 * says what is written; what it throws leaves everything as it was. When this generation has succeeded already (its
 * answer was lost) nothing is written and the id is returned.
 */
export async function completeRun(
  database: Database,
  run: FencedRun,
  factsOf: (request: CurrentRequest) => ConnectionFacts,
): Promise<CurrentRequest> {
  return database.transaction(async (q) => {
    const locked = await lockGeneration(q, run);
    if (locked?.status === "succeeded") return locked;
    const request = await updateCurrent(q, run, {
      status: "succeeded",
      completedAt: sql`now()`,
      settleDueAt: firstSettle,
    });
    const { created } = await writeConnection(q, request, factsOf(request));
    await appendAuditEvent(q, {
      actor: "system",
      action: "succeeded",
      request,
      detail: { connection: request.connectionId, kind: request.kind, created },
    });
    return request;
  });
}

/** Who stopped a run by hand. */
export interface Stopped {
  readonly actor: Actor;
  readonly reason?: string;
}

/**
 * `provisioning → failed`, closing the fence before anything is undone. Finds `succeeded` when the upsert had
 * committed and its answer was lost; a second call finds `failed`.
 */
export async function failRun(
  database: Database,
  run: FencedRun,
  {
    code,
    microsoft,
    stopped,
  }: {
    code: ErrorCode;
    microsoft?: MicrosoftReference | undefined;
    stopped?: Stopped;
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
      actor: stopped?.actor ?? "system",
      action: stopped === undefined ? "failed" : "cancelled",
      request,
      detail: {
        code,
        kind: request.kind,
        ...(stopped?.reason === undefined ? {} : { reason: stopped.reason }),
      },
    });
    return { kind: "failed", code, cleanup };
  });
}

/** Records how the undo ended. Repeat: no change, no second event. */
export async function recordCleanup(
  database: Database,
  run: FencedRun,
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
export async function findGeneration(
  database: Database,
  run: FencedRun,
): Promise<CurrentRequest | undefined> {
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
