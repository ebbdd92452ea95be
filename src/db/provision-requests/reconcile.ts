import { and, asc, eq, inArray, lt, or, sql } from "drizzle-orm";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";

/** Ends what was never finished. Returns how many; a second call finds none. */
export async function expireStaleRequests(database: Database): Promise<number> {
  return database.transaction(async (q) => {
    const rows = await q
      .update(provisionRequests)
      .set({ status: "expired", errorCode: "request_expired", completedAt: sql`now()` })
      .where(
        and(
          inArray(provisionRequests.status, ["issued", "consented", "unconfirmed"]),
          lt(provisionRequests.expiresAt, sql`now()`),
        ),
      )
      .returning();
    for (const row of rows)
      await appendAuditEvent(q, { actor: "system", action: "expired", request: toRequest(row) });
    return rows.length;
  });
}

/** What a workflow should be working on: proved, provisioning, or failed with its clean-up pending. Oldest first. */
export async function listUnfinishedRequests(database: Database, limit: number): Promise<ProvisionRequest[]> {
  const rows = await database.run((q) =>
    q
      .select()
      .from(provisionRequests)
      .where(
        or(
          inArray(provisionRequests.status, ["proved", "provisioning"]),
          and(eq(provisionRequests.status, "failed"), eq(provisionRequests.cleanup, "pending")),
        ),
      )
      .orderBy(asc(provisionRequests.createdAt))
      .limit(limit),
  );
  return rows.map(toRequest);
}
