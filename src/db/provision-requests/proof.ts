import { and, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Actor } from "../../domain/actor.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { EntraTenantId, ProvisionRequestId } from "../../domain/ids.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { setupProofLifetimeMs } from "../../domain/setup-link.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import type { Queries } from "../queries.ts";
import { keepLease, leaseEnd } from "../lease.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests, setupLinks } from "../schema.ts";
import { beginOperation, judgeProved } from "./begin-operation.ts";
import { readRow } from "./find-request.ts";

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
  readonly domain: string | null;
  /** The administrator's user name, for display. */
  readonly userName: string | null;
}

/**
 * One transaction: `consented → proved`, with the proved tenant and the connection's id (a live connection of the same
 * organization and tenant keeps its own). Becomes `superseded` when an attempt for both is in hand already. A request
 * with confirm binding becomes `unconfirmed` and waits for `confirmRequest`, which takes `confirmHash`; one by a setup
 * link waits for its administrator and an owner. A directory that this click may not lead to makes it `refused`.
 * Unchanged when it was no longer `consented`. Gives the row as it stands then.
 */
export async function recordProof(
  database: Database,
  id: ProvisionRequestId,
  proof: RecordedProof,
  confirmHash: string,
): Promise<ProvisionRequest> {
  return database.transaction(async (q) => {
    const row = await readRow(q, id, "locked");
    if (row.status !== "consented") return row;
    await appendAuditEvent(q, {
      actor: "browser",
      action: "proved",
      request: row,
      detail: { tenant: proof.entraTenantId, administrator: proof.administratorObjectId, role: proof.role },
    });
    const proved = {
      entraTenantId: proof.entraTenantId,
      provedDomain: proof.domain,
      provedAt: sql`now()`,
      proofLeaseUntil: null,
    };
    const refusal =
      (await judgePin(q, row, proof.entraTenantId)) ?? (await judgeProved(q, row, proof.entraTenantId));
    if (refusal) return refuseProved(q, row, "browser", refusal, proved);
    if (row.binding === "cookie")
      return beginOperation(q, row, { ...proof, provedDomain: proof.domain }, proved);
    const waits =
      row.binding === "confirm" ? { confirmHash } : { administrator: proof.userName, expiresAt: ownersTime };
    const updated = await q
      .update(provisionRequests)
      .set({ ...proved, status: "unconfirmed", ...waits })
      .where(eq(provisionRequests.id, id))
      .returning();
    return toRequest(updated[0] as NonNullable<(typeof updated)[0]>);
  });
}

/** Until the link ends, and for an hour at least: owners look at their dashboard when they do. */
const ownersTime = sql`greatest(now() + make_interval(secs => ${setupProofLifetimeMs / 1000}),
  (select expires_at from setup_links where id = ${provisionRequests.setupLinkId}))`;

/** A link that was reopened for one directory leads to no other. */
async function judgePin(
  q: Queries,
  { setupLinkId }: ProvisionRequest,
  tenantId: EntraTenantId,
): Promise<"setup_link_other_directory" | undefined> {
  if (setupLinkId === null) return undefined;
  const [link] = await q
    .select({ pinned: setupLinks.pinnedTenantId })
    .from(setupLinks)
    .where(eq(setupLinks.id, setupLinkId));
  const pinned = link?.pinned ?? null;
  return pinned === null || pinned === tenantId ? undefined : "setup_link_other_directory";
}

/**
 * `unconfirmed → proved` (or `superseded`) for the person who started; `refused` when the organization was connected with
 * another directory meanwhile. The same value again finds the request further on and changes nothing.
 * @throws {CodedError} not_found, not_the_starter, confirmation_invalid, request_expired, not_confirmable
 */
export async function confirmRequest(
  database: Database,
  id: ProvisionRequestId,
  given: { confirmHash: string; userId: string },
): Promise<ProvisionRequest> {
  return database.transaction(async (q) => {
    const row = await readRow(q, id, "locked");
    if (row.startedBy !== given.userId) throw new CodedError("not_the_starter");
    if (row.binding !== "confirm" || row.confirmHash === null) throw new CodedError("not_confirmable");
    if (row.confirmHash !== given.confirmHash) throw new CodedError("confirmation_invalid");
    if (row.status === "expired") throw new CodedError("request_expired");
    if (row.status !== "unconfirmed" || row.entraTenantId === null) return row;
    if (row.expiresAt <= new Date()) throw new CodedError("request_expired");
    const refusal = await judgeProved(q, row, row.entraTenantId);
    if (refusal) return refuseProved(q, row, `user:${given.userId}`, refusal, {});
    await appendAuditEvent(q, { actor: `user:${given.userId}`, action: "confirmed", request: row });
    return beginOperation(q, row, row, {});
  });
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
