import { eq, sql } from "drizzle-orm";
import type { Actor } from "../domain/actor.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { provisioningPauses } from "./schema.ts";

/** For a `where`: true while nothing is paused, for whatever cause. */
export const isNotPaused = sql`not exists (select from provisioning_pauses)`;

/** `operator`: by an order. `credential_refused`: Microsoft refuses our own credential. */
export type PauseCause = "operator" | "credential_refused";

export interface Pause {
  readonly cause: PauseCause;
  readonly by: string;
  readonly reason: string;
  readonly since: Date;
}

/** All that holds provisioning up; empty while it goes on. */
export async function findPauses(database: Database): Promise<readonly Pause[]> {
  const { cause, by, reason, since } = provisioningPauses;
  const rows = await database.run((q) =>
    q.select({ cause, by, reason, since }).from(provisioningPauses).orderBy(since),
  );
  // The check constraint holds it to these.
  return rows as readonly Pause[];
}

/**
 * From now on nothing begins; what is under way ends, approvals are recorded and wait. One line in the audit trail.
 * @returns false where it was paused already; then nothing changes
 */
export async function pauseProvisioning(
  database: Database,
  order: { readonly actor: Actor; readonly reason: string },
): Promise<boolean> {
  return database.transaction(async (q) => {
    const rows = await q
      .insert(provisioningPauses)
      .values({ cause: "operator", by: order.actor, reason: order.reason })
      .onConflictDoNothing()
      .returning({ cause: provisioningPauses.cause });
    if (rows.length === 0) return false;
    const { actor, reason } = order;
    await appendAuditEvent(q, { installation: true, actor, action: "paused", detail: { reason } });
    return true;
  });
}

/** Ends the pause: workers begin what waits within seconds. @returns false where nothing was paused */
export async function resumeProvisioning(
  database: Database,
  { actor, reason }: { readonly actor: Actor; readonly reason: string },
): Promise<boolean> {
  return database.transaction(async (q) => {
    const rows = await q
      .delete(provisioningPauses)
      .where(eq(provisioningPauses.cause, "operator"))
      .returning({ cause: provisioningPauses.cause });
    if (rows.length === 0) return false;
    await appendAuditEvent(q, { installation: true, actor, action: "unpaused", detail: { reason } });
    return true;
  });
}
