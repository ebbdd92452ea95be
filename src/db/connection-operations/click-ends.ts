import { eq, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { ConnectionOperation } from "../../domain/connection-operation.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Queries } from "../queries.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";

type ClickChanges = PgUpdateSetSource<typeof provisionRequests>;

// What becomes of a proved click that gets no operation of its own, in the transaction that would have begun one.

/** It may not begin. */
export async function refuseClick(
  q: Queries,
  click: ProvisionRequest,
  code: ErrorCode,
  changes: ClickChanges,
): Promise<ProvisionRequest> {
  const refused = await updateClick(q, click, {
    ...changes,
    status: "refused",
    errorCode: code,
    completedAt: sql`now()`,
  });
  await appendAuditEvent(q, { actor: "system", action: "refused", request: refused, detail: { code } });
  return refused;
}

/** It gets the answer of the click whose operation is in hand. */
export async function joinOther(
  q: Queries,
  click: ProvisionRequest,
  { connectionId, requestId }: ConnectionOperation,
  changes: ClickChanges,
): Promise<ProvisionRequest> {
  const joined = await updateClick(q, click, {
    ...changes,
    connectionId,
    status: "superseded",
    joinedRequestId: requestId,
    completedAt: sql`now()`,
  });
  await appendAuditEvent(q, {
    actor: "system",
    action: "superseded",
    request: joined,
    detail: { joined: requestId },
  });
  return joined;
}

export async function updateClick(
  q: Queries,
  click: ProvisionRequest,
  changes: ClickChanges,
): Promise<ProvisionRequest> {
  const rows = await q
    .update(provisionRequests)
    .set(changes)
    .where(eq(provisionRequests.id, click.id))
    .returning();
  return toRequest(rows[0] as NonNullable<(typeof rows)[0]>);
}
