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

/**
 * `issued → consented`, by compare-and-set. With confirm binding, the browser that brought the consent is the one that
 * may go on (`browserHash`). Undefined when the request was not issued or has expired.
 */
export async function recordConsent(
  database: Database,
  id: ProvisionRequestId,
  { tenantHint, browserHash }: { tenantHint: EntraTenantId; browserHash: string },
): Promise<ProvisionRequest | undefined> {
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
    const request = rows[0] && toRequest(rows[0]);
    if (request)
      await appendAuditEvent(q, {
        actor: "browser",
        action: "consented",
        request,
        detail: { tenant_hint: tenantHint },
      });
    return request;
  });
}

/**
 * Ends a request before its proof: `denied` when the person declined, `refused` when we did. The state is burned.
 * Undefined when the request was no longer open.
 */
export async function endBeforeProof(
  database: Database,
  id: ProvisionRequestId,
  end: { status: "denied" | "refused"; code: ErrorCode; microsoft?: MicrosoftReference | undefined },
): Promise<ProvisionRequest | undefined> {
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
    const request = rows[0] && toRequest(rows[0]);
    if (request) await appendAuditEvent(q, { actor: "browser", action, request, detail: { code: end.code } });
    return request;
  });
}
