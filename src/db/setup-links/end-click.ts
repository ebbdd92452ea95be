import { eq, sql } from "drizzle-orm";
import type { Actor } from "../../domain/actor.ts";
import type { AuditAction } from "../../domain/audit-action.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Queries } from "../queries.ts";
import { provisionRequests } from "../schema.ts";

const actionOf = { expired: "expired", denied: "declined", refused: "refused" } as const satisfies Record<
  string,
  AuditAction
>;

/** Ends a click that the caller has locked and found open; its link is free for another. */
export async function endClick(
  q: Queries,
  click: ProvisionRequest,
  end: { status: keyof typeof actionOf; code: ErrorCode; actor: Actor },
): Promise<void> {
  const { status, code, actor } = end;
  await q
    .update(provisionRequests)
    .set({ status, errorCode: code, completedAt: sql`now()` })
    .where(eq(provisionRequests.id, click.id));
  await appendAuditEvent(q, { actor, action: actionOf[status], request: click, detail: { code } });
}
