import { and, asc, count, eq, inArray, lte, or, sql } from "drizzle-orm";
import { type ConnectionOperation, inHandStatuses } from "../../domain/connection-operation.ts";
import { openRunsPerTenantMax } from "../../domain/limits.ts";
import type { Database } from "../client.ts";
import { toOperation } from "../rows.ts";
import { connectionOperations } from "../schema.ts";

/**
 * What a workflow should be working on: waiting, running, or failed with its clean-up pending. Oldest first, and of
 * each tenant only as many as may run, so that one tenant's backlog does not hide the others. Only what was started
 * under this sso origin: in a copied database the rest belongs to somebody else.
 */
export async function listUnfinishedOperations(
  database: Database,
  { ssoOrigin, limit }: { ssoOrigin: string; limit: number },
): Promise<ConnectionOperation[]> {
  return database.run(async (q) => {
    const ranked = q
      .select({
        id: connectionOperations.id,
        place:
          sql<number>`row_number() over (partition by ${connectionOperations.entraTenantId}, ${connectionOperations.status} order by ${connectionOperations.createdAt})`.as(
            "place",
          ),
      })
      .from(connectionOperations)
      .where(
        and(
          or(
            inArray(connectionOperations.status, [...inHandStatuses]),
            and(eq(connectionOperations.status, "failed"), eq(connectionOperations.cleanup, "pending")),
          ),
          eq(connectionOperations.ssoOrigin, ssoOrigin),
        ),
      )
      .as("ranked");
    const rows = await q
      .select({ operation: connectionOperations })
      .from(connectionOperations)
      .innerJoin(ranked, eq(ranked.id, connectionOperations.id))
      .where(lte(ranked.place, openRunsPerTenantMax))
      .orderBy(asc(connectionOperations.createdAt))
      .limit(limit);
    return rows.map(({ operation }) => toOperation(operation));
  });
}

/** How many operations of this sso origin wait for a free place. */
export async function countWaiting(database: Database, ssoOrigin: string): Promise<number> {
  const rows = await database.run((q) =>
    q
      .select({ waiting: count() })
      .from(connectionOperations)
      .where(and(eq(connectionOperations.status, "waiting"), eq(connectionOperations.ssoOrigin, ssoOrigin))),
  );
  return rows[0]?.waiting ?? 0;
}
