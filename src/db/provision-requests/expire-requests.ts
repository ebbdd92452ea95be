import { and, inArray, lt, sql } from "drizzle-orm";
import { unprovedStatuses } from "../../domain/provision-request.ts";
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
          inArray(provisionRequests.status, [...unprovedStatuses]),
          lt(provisionRequests.expiresAt, sql`now()`),
        ),
      )
      .returning();
    for (const row of rows)
      await appendAuditEvent(q, { actor: "system", action: "expired", request: toRequest(row) });
    return rows.length;
  });
}
