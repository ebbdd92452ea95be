import { and, eq, gt, inArray, ne, or, sql } from "drizzle-orm";
import { inHandStatuses } from "../domain/connection-operation.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { ConnectionId, EntraTenantId, OperationId, OrgId } from "../domain/ids.ts";
import { liveStatuses } from "../domain/sso-connection.ts";
import type { Queries } from "./queries.ts";
import { connectionOperations, provisionRequests, ssoConnections } from "./schema.ts";

/** What is to be released, and the operation that does it, once there is one. */
interface Release {
  readonly orgId: OrgId;
  readonly entraTenantId: EntraTenantId;
  readonly operationId?: OperationId;
}

/** Whether a click proved the directory that it is to release: the one of its connection, which has not been released. */
export async function judgeReleased(
  q: Queries,
  click: { readonly orgId: OrgId; readonly wantedConnectionId: ConnectionId | null },
  entraTenantId: EntraTenantId,
): Promise<Extract<ErrorCode, "directory_differs" | "access_released"> | undefined> {
  const [wanted] = await q
    .select({ tenant: ssoConnections.entraTenantId, releasedAt: ssoConnections.accessReleasedAt })
    .from(ssoConnections)
    .where(and(eq(ssoConnections.id, click.wantedConnectionId ?? ""), eq(ssoConnections.orgId, click.orgId)));
  if (wanted?.tenant !== entraTenantId) return "directory_differs";
  return wanted.releasedAt === null ? undefined : "access_released";
}

/**
 * Whether our app may leave a directory now. Another organization that has or is about to have something there comes
 * first, and is not named; an open click of theirs counts by the directory it says, which nobody has proved: at worst
 * the administrator removes our app by hand. What this organization has under way must end first.
 */
export async function judgeRelease(
  q: Queries,
  { orgId, entraTenantId, operationId = "" as OperationId }: Release,
): Promise<Extract<ErrorCode, "directory_in_use" | "operation_in_progress"> | undefined> {
  const works = await q
    .select({ orgId: connectionOperations.orgId })
    .from(connectionOperations)
    .where(
      and(
        eq(connectionOperations.entraTenantId, entraTenantId),
        ne(connectionOperations.id, operationId),
        or(
          inArray(connectionOperations.status, [...inHandStatuses]),
          eq(connectionOperations.cleanup, "pending"),
        ),
      ),
    );
  if (works.some((work) => work.orgId !== orgId)) return "directory_in_use";
  const [connected] = await q
    .select({ id: ssoConnections.id })
    .from(ssoConnections)
    .where(
      and(
        eq(ssoConnections.entraTenantId, entraTenantId),
        ne(ssoConnections.orgId, orgId),
        inArray(ssoConnections.status, [...liveStatuses]),
      ),
    )
    .limit(1);
  const [asked] = await q
    .select({ id: provisionRequests.id })
    .from(provisionRequests)
    .where(
      and(
        inArray(provisionRequests.status, ["consented", "unconfirmed"]),
        gt(provisionRequests.expiresAt, sql`now()`),
        ne(provisionRequests.orgId, orgId),
        sql`coalesce(${provisionRequests.entraTenantId}, ${provisionRequests.tenantHint}) = ${entraTenantId}`,
      ),
    )
    .limit(1);
  if (connected || asked) return "directory_in_use";
  return works.length > 0 ? "operation_in_progress" : undefined;
}
