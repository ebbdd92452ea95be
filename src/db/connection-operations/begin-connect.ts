import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { AccessChoice, ConnectionOperation } from "../../domain/connection-operation.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import { needsAttention } from "../connection-health.ts";
import type { Queries } from "../queries.ts";
import { newConnectionId, newOperationId } from "../new-id.ts";
import { connectionOperations, type provisionRequests } from "../schema.ts";
import { findLiveConnection } from "../sso-connections.ts";
import { joinOther, refuseClick, updateClick } from "./click-ends.ts";
import { factsOfClick } from "./facts-of-click.ts";
import { findInHand, giveWay, holdKey } from "./in-hand.ts";

/**
 * Gives a proved click its operation (a live connection of the same organization and tenant keeps its id), or has it
 * join the one that is in hand. `changes`: what else becomes of the click.
 */
export async function beginConnect(
  q: Queries,
  click: ProvisionRequest,
  { entraTenantId, provedDomain }: Pick<ConnectionOperation, "entraTenantId" | "provedDomain">,
  changes: PgUpdateSetSource<typeof provisionRequests>,
): Promise<ProvisionRequest> {
  const key = { orgId: click.orgId, entraTenantId };
  await holdKey(q, key);
  const operationId = newOperationId();
  const gaveWay = await giveWay(q, key, operationId);
  const other = await findInHand(q, key);
  // A restore brings the connection back by itself; the person may click again afterwards.
  if (other && other.kind !== "connect") return refuseClick(q, click, "operation_in_progress", changes);
  if (other) return joinOther(q, click, other, changes);
  const live = await findLiveConnection(q, key);
  const connectionId = live?.id ?? newConnectionId();
  await q.insert(connectionOperations).values({
    id: operationId,
    kind: "connect",
    ...factsOfClick(click),
    connectionId,
    entraTenantId,
    provedDomain,
    access: click.access ?? gaveWay?.access ?? (live && (await accessToMend(q, click, live))) ?? null,
  });
  return updateClick(q, click, { ...changes, connectionId, operationId, status: "proved" });
}

/** A click that names the connection sets right who may sign in too, where it is known that Microsoft has it otherwise. */
async function accessToMend(
  q: Queries,
  { wantedConnectionId }: ProvisionRequest,
  { id, access }: SsoConnection,
): Promise<AccessChoice | undefined> {
  return wantedConnectionId === id && (await needsAttention(q, id, "assignment_changed"))
    ? access
    : undefined;
}
