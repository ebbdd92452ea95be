import { and, eq, inArray, sql } from "drizzle-orm";
import type { AuditAction } from "../../domain/audit-action.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { EntraTenantId, ProvisionRequestId } from "../../domain/ids.ts";
import type { MicrosoftReference } from "../../domain/microsoft-codes.ts";
import { type ProvisionRequest, unprovedStatuses } from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";
import { readRow } from "./find-request.ts";

/**
 * `issued → consented`, by compare-and-set. With confirm binding, the browser that brought the consent is the one that
 * may go on (`browserHash`). Unchanged when it was not issued or has expired. Gives the row as it stands then.
 */
export async function recordConsent(
  database: Database,
  id: ProvisionRequestId,
  { tenantHint, browserHash }: { tenantHint: EntraTenantId; browserHash: string },
): Promise<ProvisionRequest> {
  return database.transaction(async (q) => {
    const rows = await q
      .update(provisionRequests)
      .set({ status: "consented", tenantHint, browserHash })
      .where(
        and(
          eq(provisionRequests.id, id),
          eq(provisionRequests.status, "issued"),
          sql`${provisionRequests.expiresAt} > now()`,
        ),
      )
      .returning();
    if (!rows[0]) return readRow(q, id);
    const request = toRequest(rows[0]);
    // A release asks nobody to consent: it only goes the same way.
    if (request.intent === "connect")
      await appendAuditEvent(q, {
        actor: "browser",
        action: "consented",
        request,
        detail: { tenant_hint: tenantHint },
      });
    return request;
  });
}

/** How a request ends before its proof: `denied` when the person declined, `refused` when we did. */
export interface RequestEnd {
  readonly status: "denied" | "refused";
  readonly code: ErrorCode;
  readonly microsoft?: MicrosoftReference | undefined;
}

/**
 * Ends a request before its proof; the state is burned.
 * Unchanged when it was no longer open. Gives the row as it stands then.
 */
export async function endBeforeProof(
  database: Database,
  id: ProvisionRequestId,
  end: RequestEnd,
): Promise<ProvisionRequest> {
  const action: AuditAction = end.status === "denied" ? "declined" : "refused";
  return database.transaction(async (q) => {
    const rows = await q
      .update(provisionRequests)
      .set({
        status: end.status,
        errorCode: end.code,
        errorMicrosoft: end.microsoft ?? null,
        completedAt: sql`now()`,
      })
      .where(and(eq(provisionRequests.id, id), inArray(provisionRequests.status, [...unprovedStatuses])))
      .returning();
    if (!rows[0]) return readRow(q, id);
    const request = toRequest(rows[0]);
    await appendAuditEvent(q, { actor: "browser", action, request, detail: { code: end.code } });
    return request;
  });
}
