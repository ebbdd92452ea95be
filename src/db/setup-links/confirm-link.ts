import { eq, sql } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import type { EntraTenantId, ProvisionRequestId, SetupLinkId } from "../../domain/ids.ts";
import { isFinal, type ProvisionRequest } from "../../domain/provision-request.ts";
import { setupProofLifetimeMs } from "../../domain/setup-link.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { beginConnect } from "../connection-operations/begin-connect.ts";
import { judgeDirectory } from "../provision-requests/directory-rule.ts";
import { readRow } from "../provision-requests/find-request.ts";
import { setupLinks } from "../schema.ts";
import { endClick } from "./end-click.ts";
import { lockLink, lockOpenClick } from "./find-link.ts";
import { requireOpen } from "./require-open.ts";

/** The directory exactly as the owner was shown it. */
export interface SetupConfirmation {
  readonly proofId: ProvisionRequestId;
  readonly entraTenantId: EntraTenantId;
  readonly userId: string;
}

/**
 * An owner takes the directory that an administrator proved and approved: the click's work begins, and the link is used.
 * A proof older than an hour frees the link, for that directory only; one that may not be connected any more frees it
 * too. The same confirmation again finds the click further on and changes nothing.
 * @throws {CodedError} setup_link_unknown, setup_link_revoked, setup_link_confirmed, setup_link_expired,
 * setup_not_approved, setup_proof_changed, setup_proof_expired
 */
export async function confirmSetupLink(
  database: Database,
  id: SetupLinkId,
  given: SetupConfirmation,
): Promise<ProvisionRequest> {
  const confirmed = await database.transaction(async (q): Promise<ProvisionRequest | "too_late"> => {
    const link = await lockLink(q, id);
    if (link?.status === "confirmed" && link.confirmedRequestId === given.proofId)
      return readRow(q, given.proofId);
    // A proof may be confirmed for its hour although the link's time is over.
    const click = await lockOpenClick(q, id);
    if (!link || link.status !== "open" || click?.status !== "unconfirmed") {
      requireOpen(link);
      throw new CodedError(click === undefined ? "setup_proof_changed" : "setup_not_approved");
    }
    if (click.id !== given.proofId || click.entraTenantId !== given.entraTenantId)
      throw new CodedError("setup_proof_changed");
    if (click.approvedAt === null) throw new CodedError("setup_not_approved");
    const actor = `user:${given.userId}` as const;
    if (click.provedAt.getTime() + setupProofLifetimeMs <= Date.now()) {
      await endClick(q, click, { status: "refused", code: "setup_proof_expired", actor });
      await q.update(setupLinks).set({ pinnedTenantId: click.entraTenantId }).where(eq(setupLinks.id, id));
      const detail = { tenant: click.entraTenantId };
      await appendAuditEvent(q, { actor, action: "setup_link_reopened", setupLink: link, detail });
      return "too_late";
    }
    const refusal = await judgeDirectory(q, click, click.entraTenantId);
    if (refusal) {
      await endClick(q, click, { status: "refused", code: refusal, actor });
      return readRow(q, click.id);
    }
    await appendAuditEvent(q, { actor, action: "confirmed", request: click });
    const begun = await beginConnect(q, click, click, {});
    // Refused for what is under way with that connection: the link is free again.
    if (!isFinal(begun.status) || begun.status === "superseded")
      await q
        .update(setupLinks)
        .set({ status: "confirmed", endedAt: sql`now()`, confirmedRequestId: begun.id })
        .where(eq(setupLinks.id, id));
    return begun;
  });
  if (confirmed === "too_late") throw new CodedError("setup_proof_expired");
  return confirmed;
}
