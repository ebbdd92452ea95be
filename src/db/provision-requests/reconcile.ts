import { and, asc, count, eq, inArray, isNull, lt, lte, or, type SQL, sql } from "drizzle-orm";
import {
  openRunsPerTenantMax,
  type ProvisionRequest,
  unprovedStatuses,
} from "../../domain/provision-request.ts";
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

/**
 * What a workflow should be working on: proved, provisioning, or failed with its clean-up pending. Oldest first, and of
 * each tenant only as many as may run, so that one tenant's backlog does not hide the others. Only what was started
 * under this sso origin: in a copied database the rest belongs to somebody else.
 */
export async function listUnfinishedRequests(
  database: Database,
  { ssoOrigin, limit }: { ssoOrigin: string; limit: number },
): Promise<ProvisionRequest[]> {
  return database.run(async (q) => {
    const ranked = q
      .select({
        id: provisionRequests.id,
        place:
          sql<number>`row_number() over (partition by ${provisionRequests.entraTenantId}, ${provisionRequests.status} order by ${provisionRequests.createdAt})`.as(
            "place",
          ),
      })
      .from(provisionRequests)
      .where(
        and(
          or(
            inArray(provisionRequests.status, ["proved", "provisioning"]),
            and(eq(provisionRequests.status, "failed"), eq(provisionRequests.cleanup, "pending")),
          ),
          startedUnder(ssoOrigin),
        ),
      )
      .as("ranked");
    const rows = await q
      .select({ request: provisionRequests })
      .from(provisionRequests)
      .innerJoin(ranked, eq(ranked.id, provisionRequests.id))
      .where(lte(ranked.place, openRunsPerTenantMax))
      .orderBy(asc(provisionRequests.createdAt))
      .limit(limit);
    return rows.map(({ request }) => toRequest(request));
  });
}

/** How many proved requests of this sso origin wait for a free place. */
export async function countWaiting(database: Database, ssoOrigin: string): Promise<number> {
  const rows = await database.run((q) =>
    q
      .select({ waiting: count() })
      .from(provisionRequests)
      .where(and(eq(provisionRequests.status, "proved"), startedUnder(ssoOrigin))),
  );
  return rows[0]?.waiting ?? 0;
}

/** Requests that are older than the column have none. */
const startedUnder = (ssoOrigin: string): SQL | undefined =>
  or(isNull(provisionRequests.ssoOrigin), eq(provisionRequests.ssoOrigin, ssoOrigin));
