import type { AccessChoice, ConnectionOperation } from "../../domain/connection-operation.ts";
import type { OperationKind } from "../../domain/operation-kinds.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import type { ConnectionOrder } from "../connection-status.ts";
import { newOperationId } from "../new-id.ts";
import type { Queries } from "../queries.ts";
import { toOperation } from "../rows.ts";
import { connectionOperations } from "../schema.ts";

/** Writes an operation on a connection's own application, which waits to be run. */
export async function insertOperation(
  q: Queries,
  connection: SsoConnection,
  kind: Exclude<OperationKind, "connect" | "renew">,
  by: Pick<ConnectionOrder, "actor" | "ssoOrigin"> & { readonly access?: AccessChoice },
): Promise<ConnectionOperation> {
  const { id: connectionId, projectId, orgId, entraTenantId } = connection;
  const { appObjectId, appId, servicePrincipalId } = connection;
  const rows = await q
    .insert(connectionOperations)
    .values({
      id: newOperationId(),
      kind,
      ssoOrigin: by.ssoOrigin,
      projectId,
      orgId,
      requestedBy: by.actor,
      connectionId,
      entraTenantId,
      status: "waiting",
      access: by.access ?? null,
      // It was there before: no undo may take it.
      adopted: true,
      appObjectId,
      appId,
      servicePrincipalId,
    })
    .returning();
  return toOperation(rows[0] as NonNullable<(typeof rows)[0]>);
}
