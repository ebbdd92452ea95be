import { count, eq, sql } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import type { SetupLinkId } from "../../domain/ids.ts";
import { type ProvisionRequest, requestLifetimeMs } from "../../domain/provision-request.ts";
import { pressesPerLinkMax } from "../../domain/setup-link.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database } from "../client.ts";
import { newProvisionRequestId } from "../new-id.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";
import { endClick } from "./end-click.ts";
import { lockLink, lockOpenClick } from "./find-link.ts";
import { requireOpen } from "./require-open.ts";

/**
 * The press of a link's button: an `issued` click with binding `setup_link`, good for 15 minutes. The same browser may
 * press again, which ends what it left open before the proof; another one waits until that has ended.
 * @throws {CodedError} setup_link_unknown, setup_link_revoked, setup_link_expired, setup_link_confirmed,
 * setup_link_in_use, setup_link_worn_out
 */
export async function pressSetupLink(
  database: Database,
  id: SetupLinkId,
  press: {
    readonly stateHash: string;
    readonly browserHash: string;
    readonly isSameBrowser: (browserHash: string | null) => boolean;
  },
): Promise<ProvisionRequest> {
  return database.transaction(async (q) => {
    const link = requireOpen(await lockLink(q, id));
    const open = await lockOpenClick(q, id);
    if (open) {
      const isOver = open.expiresAt <= new Date();
      const mayGo = isOver || (open.status !== "unconfirmed" && press.isSameBrowser(open.browserHash));
      if (!mayGo) throw new CodedError("setup_link_in_use");
      await endClick(q, open, { status: "expired", code: "request_expired", actor: "browser" });
    }
    const [found] = await q
      .select({ presses: count() })
      .from(provisionRequests)
      .where(eq(provisionRequests.setupLinkId, id));
    if ((found?.presses ?? 0) >= pressesPerLinkMax) throw new CodedError("setup_link_worn_out");
    const rows = await q
      .insert(provisionRequests)
      .values({
        id: newProvisionRequestId(),
        ssoOrigin: link.ssoOrigin,
        projectId: link.projectId,
        orgId: link.orgId,
        orgName: link.orgName,
        startedBy: link.createdBy,
        access: link.access,
        wantedConnectionId: link.wantedConnectionId,
        additional: link.additional,
        binding: "setup_link",
        setupLinkId: id,
        stateHash: press.stateHash,
        browserHash: press.browserHash,
        status: "issued",
        expiresAt: sql`now() + make_interval(secs => ${requestLifetimeMs / 1000})`,
      })
      .returning();
    const issued = toRequest(rows[0] as NonNullable<(typeof rows)[0]>);
    const detail = { setup_link: id };
    await appendAuditEvent(q, { actor: "browser", action: "started", request: issued, detail });
    return issued;
  });
}
