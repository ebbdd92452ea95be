import { eq, sql } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import type { ProvisionRequestId, SetupLinkId } from "../../domain/ids.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { readRow } from "../provision-requests/find-request.ts";
import { provisionRequests } from "../schema.ts";
import { endClick } from "./end-click.ts";
import { lockLink, lockOpenClick } from "./find-link.ts";
import { requireOpen } from "./require-open.ts";

/**
 * What the proved administrator says. `approve` lets the owner confirm; `refuse` ends the click and frees the link, also
 * after an approval, until the owner confirmed. The same answer again changes nothing. Gives the click as it stands then.
 * @throws {CodedError} setup_link_revoked, setup_link_confirmed, setup_link_expired, setup_answer_too_late
 */
export async function answerClick(
  database: Database,
  { id, setupLinkId }: { readonly id: ProvisionRequestId; readonly setupLinkId: SetupLinkId },
  answer: "approve" | "refuse",
): Promise<ProvisionRequest> {
  return database.transaction(async (q) => {
    const link = await lockLink(q, setupLinkId);
    const click = await lockOpenClick(q, setupLinkId);
    if (click?.id !== id || click.status !== "unconfirmed") {
      const ended = await readRow(q, id);
      if (answer === "refuse" && ended.errorCode === "setup_link_not_mine") return ended;
      throw new CodedError(link?.status === "confirmed" ? "setup_link_confirmed" : "setup_answer_too_late");
    }
    if (answer === "refuse") {
      await endClick(q, click, { status: "denied", code: "setup_link_not_mine", actor: "browser" });
      return readRow(q, id);
    }
    requireOpen(link);
    if (click.approvedAt !== null) return click;
    await q
      .update(provisionRequests)
      .set({ approvedAt: sql`now()` })
      .where(eq(provisionRequests.id, id));
    await appendAuditEvent(q, { actor: "browser", action: "approved", request: click });
    return readRow(q, id);
  });
}
