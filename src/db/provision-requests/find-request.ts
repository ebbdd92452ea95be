import { and, asc, desc, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import type { ProvisionRequestId } from "../../domain/ids.ts";
import { type ProvisionRequest, unprovedStatuses } from "../../domain/provision-request.ts";
import type { Database } from "../client.ts";
import type { Queries } from "../queries.ts";
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

/** Within a transaction; `locked` until its end. @throws {CodedError} not_found */
export async function readRow(q: Queries, id: ProvisionRequestId, how?: "locked"): Promise<ProvisionRequest> {
  const query = q.select().from(provisionRequests).where(eq(provisionRequests.id, id));
  const [row] = await (how === "locked" ? query.for("update") : query);
  if (!row) throw new CodedError("not_found");
  return toRequest(row);
}

/** An organization in its project: of another project there is none. */
type Owner = Pick<ProvisionRequest, "projectId" | "orgId">;
const isOwned = ({ projectId, orgId }: Owner) =>
  and(eq(provisionRequests.projectId, projectId), eq(provisionRequests.orgId, orgId));

/** The click that is in hand for an organization, newest first; undefined where none is. */
export async function findRunningRequest(
  database: Database,
  owner: Owner,
): Promise<ProvisionRequest | undefined> {
  const rows = await database.run((q) =>
    q
      .select()
      .from(provisionRequests)
      .where(and(isOwned(owner), inArray(provisionRequests.status, ["proved", "provisioning"])))
      .orderBy(desc(provisionRequests.createdAt))
      .limit(1),
  );
  return rows[0] && toRequest(rows[0]);
}

/**
 * What is not proved yet and has not expired, oldest first: what an organization may cancel to start anew. What came by
 * a setup link stands with that link.
 */
export async function listOpenRequests(database: Database, owner: Owner): Promise<ProvisionRequest[]> {
  const rows = await database.run((q) =>
    q
      .select()
      .from(provisionRequests)
      .where(
        and(
          isOwned(owner),
          inArray(provisionRequests.status, [...unprovedStatuses]),
          isNull(provisionRequests.setupLinkId),
          gt(provisionRequests.expiresAt, sql`now()`),
        ),
      )
      .orderBy(asc(provisionRequests.createdAt)),
  );
  return rows.map(toRequest);
}
