import { and, eq, inArray, sql } from "drizzle-orm";
import { inHandStatuses } from "../../domain/connection-operation.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import { kindsThat } from "../../domain/operation-kinds.ts";
import type { EntraTenantId } from "../../domain/ids.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { liveStatuses } from "../../domain/sso-connection.ts";
import type { Queries } from "../queries.ts";
import { connectionOperations, ssoConnections } from "../schema.ts";

const shown = { tenant: ssoConnections.entraTenantId, status: ssoConnections.status };
const isLive = inArray(ssoConnections.status, [...liveStatuses]);

/**
 * Whether a click may lead to this directory; undefined when it may. "Connect again" reaches the directory of its
 * connection only; otherwise an organization that has a connection, or one in hand, gets a second directory only where
 * start asked for it. Holds an organization's proofs in line until the transaction ends, so that two for different
 * directories at once cannot both be the first.
 */
export async function judgeDirectory(
  q: Queries,
  request: Pick<ProvisionRequest, "orgId" | "wantedConnectionId" | "additional">,
  entraTenantId: EntraTenantId,
): Promise<
  Extract<ErrorCode, "directory_differs" | "another_directory" | "connection_suspended"> | undefined
> {
  await q.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`ms-provision-directory:${request.orgId}`}, 0))`,
  );
  if (request.wantedConnectionId !== null) {
    const [wanted] = await q
      .select(shown)
      .from(ssoConnections)
      .where(
        and(
          eq(ssoConnections.id, request.wantedConnectionId),
          eq(ssoConnections.orgId, request.orgId),
          isLive,
        ),
      );
    if (wanted?.tenant !== entraTenantId) return "directory_differs";
    return wanted.status === "suspended" ? "connection_suspended" : undefined;
  }
  const connected = await q
    .select(shown)
    .from(ssoConnections)
    .where(and(eq(ssoConnections.orgId, request.orgId), isLive));
  if (connected.some(({ tenant, status }) => tenant === entraTenantId && status === "suspended"))
    return "connection_suspended";
  if (request.additional) return undefined;
  const inHand = await q
    .select({ tenant: connectionOperations.entraTenantId })
    .from(connectionOperations)
    .where(
      and(
        eq(connectionOperations.orgId, request.orgId),
        inArray(connectionOperations.status, [...inHandStatuses]),
        inArray(
          connectionOperations.kind,
          kindsThat(({ holdsDirectory }) => holdsDirectory),
        ),
      ),
    );
  const tenants = [...connected, ...inHand].map(({ tenant }) => tenant);
  return tenants.length === 0 || tenants.includes(entraTenantId) ? undefined : "another_directory";
}
