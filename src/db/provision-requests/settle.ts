import { and, eq, inArray, isNull, or, sql } from "drizzle-orm";
import type { ProvisionRequestId } from "../../domain/ids.ts";
import { finalStatuses } from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";
import type { CurrentRequest } from "./run.ts";

/** A claim lapses after this, so that a worker that died leaves the work to the next. */
const claimSeconds = 120;

/** Claims requests whose strays are to be looked for now. Two workers never get the same one. */
export async function claimDueSettles(
  database: Database,
  { ssoOrigin, limit }: { ssoOrigin: string; limit: number },
): Promise<CurrentRequest[]> {
  const rows = await database.run((q) =>
    q
      .update(provisionRequests)
      .set({ settleDueAt: sql`now() + make_interval(secs => ${claimSeconds})` })
      .where(
        inArray(
          provisionRequests.id,
          q
            .select({ id: provisionRequests.id })
            .from(provisionRequests)
            .where(
              and(
                sql`${provisionRequests.settleDueAt} < now()`,
                inArray(provisionRequests.status, [...finalStatuses]),
                or(isNull(provisionRequests.ssoOrigin), eq(provisionRequests.ssoOrigin, ssoOrigin)),
              ),
            )
            .orderBy(provisionRequests.settleDueAt)
            .limit(limit)
            .for("update", { skipLocked: true }),
        ),
      )
      .returning(),
  );
  return rows.map((row) => toRequest(row) as CurrentRequest);
}

/** Says when to look again (null: never), and records what was removed. */
export async function recordSettle(
  database: Database,
  request: CurrentRequest,
  result: { nextAt: Date | null; credentials: number; applications: readonly string[] },
): Promise<void> {
  await database.transaction(async (q) => {
    await q
      .update(provisionRequests)
      .set({ settleDueAt: result.nextAt })
      .where(and(eq(provisionRequests.id, request.id), eq(provisionRequests.generation, request.generation)));
    if (result.credentials > 0 || result.applications.length > 0)
      await appendAuditEvent(q, {
        actor: "system",
        action: "settled",
        request,
        detail: { credentials: result.credentials, applications: result.applications.join(" ") },
      });
  });
}

/** Of the named requests, those that are known here and have ended: whatever bears their mark is nobody's any more. */
export async function endedRequests(
  database: Database,
  ids: readonly ProvisionRequestId[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await database.run((q) =>
    q
      .select({ id: provisionRequests.id })
      .from(provisionRequests)
      .where(
        and(inArray(provisionRequests.id, [...ids]), inArray(provisionRequests.status, [...finalStatuses])),
      ),
  );
  return new Set(rows.map(({ id }) => id));
}
