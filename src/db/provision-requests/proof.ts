import { and, eq, gt, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { CodedError } from "../../domain/coded-error.ts";
import type { EntraTenantId, ProvisionRequestId } from "../../domain/ids.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { type Actor, appendAuditEvent } from "../audit-events.ts";
import type { Database, Queries } from "../client.ts";
import { keepLease, leaseEnd } from "../lease.ts";
import { newConnectionId } from "../new-id.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";
import { findLiveConnection } from "../sso-connections.ts";
import { judgeDirectory } from "./directory-rule.ts";
import { supersedeRenewal } from "./renewals.ts";

/**
 * Takes the right to redeem the code. False while another callback holds it or when the time for it is over. `lapsed`
 * takes it only from a holder that died: one that gave it back has decided what comes next.
 */
export async function claimProofLease(
  database: Database,
  id: ProvisionRequestId,
  when: "free" | "lapsed",
): Promise<boolean> {
  const until = provisionRequests.proofLeaseUntil;
  const lapsed = lt(until, sql`now()`);
  const rows = await database.run((q) =>
    q
      .update(provisionRequests)
      .set({ proofLeaseUntil: leaseEnd })
      .where(
        and(
          eq(provisionRequests.id, id),
          eq(provisionRequests.status, "consented"),
          sql`${provisionRequests.expiresAt} > now()`,
          when === "lapsed" ? lapsed : or(isNull(until), lapsed),
        ),
      )
      .returning({ id: provisionRequests.id }),
  );
  return rows.length === 1;
}

/** Does `work` under a lease that was claimed, and extends it until the work is done. */
export async function keepProofLease<T>(
  database: Database,
  id: ProvisionRequestId,
  work: () => Promise<T>,
): Promise<T> {
  const extend = (): Promise<unknown> =>
    database.run((q) =>
      q
        .update(provisionRequests)
        .set({ proofLeaseUntil: leaseEnd })
        .where(and(eq(provisionRequests.id, id), gt(provisionRequests.proofLeaseUntil, sql`now()`))),
    );
  return keepLease(extend, work);
}

/** Gives the lease back after a redemption that decided nothing. */
export async function releaseProofLease(database: Database, id: ProvisionRequestId): Promise<void> {
  await database.run((q) =>
    q.update(provisionRequests).set({ proofLeaseUntil: null }).where(eq(provisionRequests.id, id)),
  );
}

export interface RecordedProof {
  readonly entraTenantId: EntraTenantId;
  readonly administratorObjectId: string;
  readonly role: string;
}

/**
 * One transaction: `consented → proved`, with the proved tenant and the connection's id (a live connection of the same
 * organization and tenant keeps its own). Becomes `superseded` when an attempt for both is in hand already. A request
 * with confirm binding becomes `unconfirmed` and waits for `confirmRequest`, which takes `confirmHash`. A directory
 * that this click may not lead to makes it `refused`.
 * Undefined when the request was no longer `consented`.
 */
export async function recordProof(
  database: Database,
  id: ProvisionRequestId,
  proof: RecordedProof,
  confirmHash: string,
): Promise<ProvisionRequest | undefined> {
  return database.transaction(async (q) => {
    const row = await lockOpen(q, id, "consented");
    if (!row) return undefined;
    await appendAuditEvent(q, {
      actor: "browser",
      action: "proved",
      request: row,
      detail: { tenant: proof.entraTenantId, administrator: proof.administratorObjectId, role: proof.role },
    });
    const proved = { entraTenantId: proof.entraTenantId, provedAt: sql`now()`, proofLeaseUntil: null };
    const refusal = await judgeDirectory(q, row, proof.entraTenantId);
    if (refusal) return refuseProved(q, row, "browser", refusal, proved);
    if (row.binding === "cookie") return takeInHand(q, row, proof.entraTenantId, proved);
    const updated = await q
      .update(provisionRequests)
      .set({ ...proved, status: "unconfirmed", confirmHash })
      .where(eq(provisionRequests.id, id))
      .returning();
    return updated[0] && toRequest(updated[0]);
  });
}

/**
 * `unconfirmed → proved` (or `superseded`) for the person who started; `refused` when the organization was connected with
 * another directory meanwhile. The same value again finds the request further on and changes nothing.
 * @throws {CodedError} not_the_starter, confirmation_invalid, request_expired, not_confirmable
 */
export async function confirmRequest(
  database: Database,
  id: ProvisionRequestId,
  given: { confirmHash: string; userId: string },
): Promise<ProvisionRequest> {
  return database.transaction(async (q) => {
    const rows = await q.select().from(provisionRequests).where(eq(provisionRequests.id, id)).for("update");
    const row = rows[0] && toRequest(rows[0]);
    if (!row) throw new CodedError("not_found");
    if (row.startedBy !== given.userId) throw new CodedError("not_the_starter");
    if (row.binding !== "confirm" || row.confirmHash === null) throw new CodedError("not_confirmable");
    if (row.confirmHash !== given.confirmHash) throw new CodedError("confirmation_invalid");
    if (row.status === "expired") throw new CodedError("request_expired");
    if (row.status !== "unconfirmed" || row.entraTenantId === null) return row;
    if (row.expiresAt <= new Date()) throw new CodedError("request_expired");
    const refusal = await judgeDirectory(q, row, row.entraTenantId);
    if (refusal) return refuseProved(q, row, `user:${given.userId}`, refusal, {});
    await appendAuditEvent(q, { actor: `user:${given.userId}`, action: "confirmed", request: row });
    return takeInHand(q, row, row.entraTenantId, {});
  });
}

async function lockOpen(
  q: Queries,
  id: ProvisionRequestId,
  status: "consented",
): Promise<ProvisionRequest | undefined> {
  const rows = await q
    .select()
    .from(provisionRequests)
    .where(and(eq(provisionRequests.id, id), eq(provisionRequests.status, status)))
    .for("update");
  return rows[0] && toRequest(rows[0]);
}

async function refuseProved(
  q: Queries,
  row: ProvisionRequest,
  actor: Actor,
  code: ErrorCode,
  changes: PgUpdateSetSource<typeof provisionRequests>,
): Promise<ProvisionRequest> {
  const updated = await q
    .update(provisionRequests)
    .set({ ...changes, status: "refused", errorCode: code, completedAt: sql`now()` })
    .where(eq(provisionRequests.id, row.id))
    .returning();
  await appendAuditEvent(q, { actor, action: "refused", request: row, detail: { code } });
  return toRequest(updated[0] as NonNullable<(typeof updated)[0]>);
}

/** Makes the request the one in hand for its organization and tenant, or has it join the one that is. */
async function takeInHand(
  q: Queries,
  row: ProvisionRequest,
  entraTenantId: EntraTenantId,
  changes: PgUpdateSetSource<typeof provisionRequests>,
): Promise<ProvisionRequest> {
  const key = { orgId: row.orgId, entraTenantId };
  // Two proofs for one organization and tenant queue up here; the second finds the first.
  await q.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`ms-provision:${key.orgId}:${key.entraTenantId}`}, 0))`,
  );
  await supersedeRenewal(q, key, row.id);
  const inHand = await q
    .select({ id: provisionRequests.id, connectionId: provisionRequests.connectionId })
    .from(provisionRequests)
    .where(
      and(
        eq(provisionRequests.orgId, key.orgId),
        eq(provisionRequests.entraTenantId, key.entraTenantId),
        inArray(provisionRequests.status, ["proved", "provisioning"]),
      ),
    );
  const other = inHand[0];
  const connectionId = other?.connectionId ?? (await findLiveConnection(q, key))?.id ?? newConnectionId();
  const updated = await q
    .update(provisionRequests)
    .set(
      other
        ? {
            ...changes,
            connectionId,
            status: "superseded",
            joinedRequestId: other.id,
            completedAt: sql`now()`,
          }
        : { ...changes, connectionId, status: "proved" },
    )
    .where(eq(provisionRequests.id, row.id))
    .returning();
  const request = toRequest(updated[0] as NonNullable<(typeof updated)[0]>);
  if (other)
    await appendAuditEvent(q, {
      actor: "system",
      action: "superseded",
      request,
      detail: { joined: other.id },
    });
  return request;
}
