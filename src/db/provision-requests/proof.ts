import { and, eq, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { EntraTenantId, ProvisionRequestId } from "../../domain/ids.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { newConnectionId } from "../new-id.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";
import { findLiveConnection } from "../sso-connections.ts";

/** Longer than a redemption with its repeats takes; a crashed one frees the code after this. */
const leaseSeconds = 20;

/** Takes the right to redeem the code. False while another callback holds it or when the time for it is over. */
export async function claimProofLease(database: Database, id: ProvisionRequestId): Promise<boolean> {
  const rows = await database.run((q) =>
    q
      .update(provisionRequests)
      .set({ proofLeaseUntil: sql`now() + make_interval(secs => ${leaseSeconds})` })
      .where(
        and(
          eq(provisionRequests.id, id),
          eq(provisionRequests.status, "consented"),
          sql`${provisionRequests.expiresAt} > now()`,
          or(isNull(provisionRequests.proofLeaseUntil), lt(provisionRequests.proofLeaseUntil, sql`now()`)),
        ),
      )
      .returning({ id: provisionRequests.id }),
  );
  return rows.length === 1;
}

/** Gives the lease back after a redemption that decided nothing. */
export async function releaseProofLease(database: Database, id: ProvisionRequestId): Promise<void> {
  await database.run((q) =>
    q.update(provisionRequests).set({ proofLeaseUntil: null }).where(eq(provisionRequests.id, id)),
  );
}

/**
 * One transaction: `consented → proved`, with the proved tenant and the connection's id (a live connection of the same
 * organization and tenant keeps its own). Becomes `superseded` when an attempt for both is in hand already.
 * Undefined when the request was no longer `consented`.
 */
export async function recordProof(
  database: Database,
  id: ProvisionRequestId,
  proof: { entraTenantId: EntraTenantId; administratorObjectId: string; role: string },
): Promise<ProvisionRequest | undefined> {
  return database.transaction(async (q) => {
    const locked = await q
      .select()
      .from(provisionRequests)
      .where(and(eq(provisionRequests.id, id), eq(provisionRequests.status, "consented")))
      .for("update");
    const row = locked[0] && toRequest(locked[0]);
    if (!row) return undefined;
    const key = { orgId: row.orgId, entraTenantId: proof.entraTenantId };
    // Two proofs for one organization and tenant queue up here; the second finds the first.
    await q.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`ms-provision:${key.orgId}:${key.entraTenantId}`}, 0))`,
    );
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
    const common = { entraTenantId: proof.entraTenantId, provedAt: sql`now()`, proofLeaseUntil: null };
    const connectionId = other?.connectionId ?? (await findLiveConnection(q, key))?.id ?? newConnectionId();
    const updated = await q
      .update(provisionRequests)
      .set(
        other
          ? {
              ...common,
              connectionId,
              status: "superseded",
              joinedRequestId: other.id,
              completedAt: sql`now()`,
            }
          : { ...common, connectionId, status: "proved" },
      )
      .where(eq(provisionRequests.id, id))
      .returning();
    const request = toRequest(updated[0] as NonNullable<(typeof updated)[0]>);
    await appendAuditEvent(q, {
      actor: "browser",
      action: "proved",
      request,
      detail: { tenant: proof.entraTenantId, administrator: proof.administratorObjectId, role: proof.role },
    });
    if (other)
      await appendAuditEvent(q, {
        actor: "system",
        action: "superseded",
        request,
        detail: { joined: other.id },
      });
    return request;
  });
}
