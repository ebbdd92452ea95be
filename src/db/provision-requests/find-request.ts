import { and, asc, desc, eq, gt, inArray, isNotNull, sql } from "drizzle-orm";
import type { ConnectionId, OrgId, ProvisionRequestId } from "../../domain/ids.ts";
import {
  type AccessChoice,
  type ProvisionRequest,
  type RequestStatus,
  unprovedStatuses,
} from "../../domain/provision-request.ts";
import type { Database } from "../client.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";

export async function findRequest(
  database: Database,
  id: ProvisionRequestId,
): Promise<ProvisionRequest | undefined> {
  const rows = await database.run((q) =>
    q.select().from(provisionRequests).where(eq(provisionRequests.id, id)),
  );
  return rows[0] && toRequest(rows[0]);
}

export async function findRequestByStateHash(
  database: Database,
  stateHash: string,
): Promise<ProvisionRequest | undefined> {
  const rows = await database.run((q) =>
    q.select().from(provisionRequests).where(eq(provisionRequests.stateHash, stateHash)),
  );
  return rows[0] && toRequest(rows[0]);
}

/** Whom the customer last chose to admit to a connection, the run in hand included; undefined where nobody chose. */
export async function lastAccess(
  database: Database,
  connectionId: ConnectionId,
): Promise<AccessChoice | undefined> {
  const [newest] = await database.run((q) =>
    q
      .select({ access: provisionRequests.access })
      .from(provisionRequests)
      .where(
        and(
          eq(provisionRequests.connectionId, connectionId),
          inArray(provisionRequests.status, ["provisioning", "succeeded"]),
          isNotNull(provisionRequests.access),
        ),
      )
      .orderBy(desc(provisionRequests.createdAt))
      .limit(1),
  );
  return (newest?.access as AccessChoice | null | undefined) ?? undefined;
}

/** Newest first, at most `limit`. */
export async function listRequests(
  database: Database,
  filter: { orgId?: string | undefined; status?: RequestStatus | undefined; limit: number },
): Promise<ProvisionRequest[]> {
  const rows = await database.run((q) =>
    q
      .select()
      .from(provisionRequests)
      .where(
        and(
          filter.orgId === undefined ? undefined : eq(provisionRequests.orgId, filter.orgId),
          filter.status === undefined ? undefined : eq(provisionRequests.status, filter.status),
        ),
      )
      .orderBy(desc(provisionRequests.createdAt))
      .limit(filter.limit),
  );
  return rows.map(toRequest);
}

/** The click that is in hand for an organization, newest first; undefined where none is. A renewal is nobody's click. */
export async function findRunningRequest(
  database: Database,
  orgId: OrgId,
): Promise<ProvisionRequest | undefined> {
  const rows = await database.run((q) =>
    q
      .select()
      .from(provisionRequests)
      .where(
        and(
          eq(provisionRequests.orgId, orgId),
          eq(provisionRequests.kind, "connect"),
          inArray(provisionRequests.status, ["proved", "provisioning"]),
        ),
      )
      .orderBy(desc(provisionRequests.createdAt))
      .limit(1),
  );
  return rows[0] && toRequest(rows[0]);
}

/** What is not proved yet and has not expired, oldest first: what an organization may cancel to start anew. */
export async function listOpenRequests(database: Database, orgId: OrgId): Promise<ProvisionRequest[]> {
  const rows = await database.run((q) =>
    q
      .select()
      .from(provisionRequests)
      .where(
        and(
          eq(provisionRequests.orgId, orgId),
          inArray(provisionRequests.status, [...unprovedStatuses]),
          gt(provisionRequests.expiresAt, sql`now()`),
        ),
      )
      .orderBy(asc(provisionRequests.createdAt)),
  );
  return rows.map(toRequest);
}
