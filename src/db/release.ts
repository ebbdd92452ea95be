import { and, eq, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { CodedError } from "../domain/coded-error.ts";
import type { ConnectionOperation, FencedRun } from "../domain/connection-operation.ts";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import { liveStatuses, type SsoConnection } from "../domain/sso-connection.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { noteAttention } from "./connection-health.ts";
import { joinOther, refuseClick, updateClick } from "./connection-operations/click-ends.ts";
import { factsOfClick } from "./connection-operations/facts-of-click.ts";
import { lockGeneration, updateCurrent } from "./connection-operations/fence.ts";
import { findInHand, holdDirectory, holdKey } from "./connection-operations/in-hand.ts";
import { newOperationId } from "./new-id.ts";
import { tellClick } from "./provision-requests/tell-click.ts";
import type { Queries } from "./queries.ts";
import { judgeRelease } from "./release-rule.ts";
import { toConnection } from "./rows.ts";
import { findLiveConnection } from "./sso-connections.ts";
import { connectionOperations, type provisionRequests, ssoConnections } from "./schema.ts";

/**
 * Refuses early what `beginRelease` would refuse after the proof.
 * @throws {CodedError} access_released, directory_in_use, operation_in_progress
 */
export async function requireReleasable(database: Database, connection: SsoConnection): Promise<void> {
  if (connection.accessReleasedAt !== null) throw new CodedError("access_released");
  const refusal = await database.run((q) => judgeRelease(q, connection));
  if (refusal) throw new CodedError(refusal);
}

/**
 * Gives a proved click the operation that takes our app out of its directory, or has it join the one that does so
 * already. From here until its end nobody begins anything in that directory. `changes`: what else becomes of the click.
 */
export async function beginRelease(
  q: Queries,
  click: ProvisionRequest,
  { entraTenantId, provedDomain }: Pick<ConnectionOperation, "entraTenantId" | "provedDomain">,
  changes: PgUpdateSetSource<typeof provisionRequests>,
): Promise<ProvisionRequest> {
  const { orgId, wantedConnectionId } = click;
  if (wantedConnectionId === null) throw new CodedError("internal", "a release of no connection");
  await holdDirectory(q, entraTenantId);
  await holdKey(q, { orgId, entraTenantId });
  const other = await findInHand(q, { orgId, entraTenantId });
  if (other?.kind === "release" && other.orgId === orgId) return joinOther(q, click, other, changes);
  const refusal = await judgeRelease(q, { orgId, entraTenantId });
  if (refusal) return refuseClick(q, click, refusal, changes);
  // Of a directory that was connected anew it is the live connection's: to disconnect that one stops it.
  const connectionId = (await findLiveConnection(q, { orgId, entraTenantId }))?.id ?? wantedConnectionId;
  const operationId = newOperationId();
  await q.insert(connectionOperations).values({
    id: operationId,
    kind: "release",
    ...factsOfClick(click),
    connectionId,
    entraTenantId,
    provedDomain,
  });
  return updateClick(q, click, { ...changes, connectionId, operationId, status: "proved" });
}

/**
 * One transaction: `running → succeeded`, the click's outcome, and each of the organization's connections of that
 * directory says that we have no access any more; a live one needs attention. Repeat: the recorded outcome.
 */
export async function completeRelease(database: Database, run: FencedRun): Promise<ConnectionOperation> {
  return database.transaction(async (q) => {
    const locked = await lockGeneration(q, run);
    if (locked?.status === "succeeded") return locked;
    const operation = await updateCurrent(q, run, { status: "succeeded", completedAt: sql`now()` });
    const { orgId, entraTenantId, connectionId, kind } = operation;
    const rows = await q
      .update(ssoConnections)
      .set({ accessReleasedAt: sql`now()`, updatedAt: sql`now()` })
      .where(and(eq(ssoConnections.orgId, orgId), eq(ssoConnections.entraTenantId, entraTenantId)))
      .returning();
    for (const connection of rows.map(toConnection))
      if ((liveStatuses as readonly string[]).includes(connection.status))
        await noteAttention(q, connection, "access_released");
    await tellClick(q, operation);
    const detail = { connection: connectionId, kind };
    await appendAuditEvent(q, { actor: "system", action: "succeeded", operation, detail });
    return operation;
  });
}
