import type { InferSelectModel } from "drizzle-orm";
import type { ConnectionOperation } from "../domain/connection-operation.ts";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import type { SetupLink } from "../domain/setup-link.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { connectionOperations, provisionRequests, setupLinks, ssoConnections } from "./schema.ts";

// The columns were written through branded types and are held to the unions by check constraints,
// which is what makes these casts true.

export function toRequest(row: InferSelectModel<typeof provisionRequests>): ProvisionRequest {
  const { stateHash: _state, proofLeaseUntil: _lease, ...request } = row;
  return request as unknown as ProvisionRequest;
}

export function toOperation(row: InferSelectModel<typeof connectionOperations>): ConnectionOperation {
  const { settleDueAt: _settle, supersededBy: _by, appObjectId, appId, servicePrincipalId, ...rest } = row;
  const application = appObjectId === null ? null : { appObjectId, appId, servicePrincipalId };
  return { ...rest, application } as unknown as ConnectionOperation;
}

export function toConnection(row: InferSelectModel<typeof ssoConnections>): SsoConnection {
  return row as unknown as SsoConnection;
}

export function toSetupLink(row: InferSelectModel<typeof setupLinks>): SetupLink {
  const { tokenHash: _token, ...link } = row;
  return link as unknown as SetupLink;
}
