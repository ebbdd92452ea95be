import { and, asc, desc, eq, gt, gte, lt } from "drizzle-orm";
import type { AuditRow } from "../domain/audit-entry.ts";
import type { Database } from "./client.ts";
import { auditEvents } from "./schema.ts";

/** Which part of the trail; `from` counts in, `to` does not. */
export interface AuditWish {
  readonly projectId?: string | undefined;
  readonly orgId?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** One page: the oldest rows behind `after`, or the newest before it. */
export async function readAudit(
  database: Database,
  wish: AuditWish,
  page: { readonly order: "oldest" | "newest"; readonly after: number | undefined; readonly limit: number },
): Promise<AuditRow[]> {
  const isOldest = page.order === "oldest";
  const rows = await database.run((q) =>
    q
      .select()
      .from(auditEvents)
      .where(
        and(
          wish.projectId === undefined ? undefined : eq(auditEvents.projectId, wish.projectId),
          wish.orgId === undefined ? undefined : eq(auditEvents.orgId, wish.orgId),
          wish.from && gte(auditEvents.at, wish.from),
          wish.to && lt(auditEvents.at, wish.to),
          page.after === undefined ? undefined : (isOldest ? gt : lt)(auditEvents.id, page.after),
        ),
      )
      .orderBy((isOldest ? asc : desc)(auditEvents.id))
      .limit(page.limit),
  );
  return rows as unknown as AuditRow[];
}
