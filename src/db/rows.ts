import type { InferSelectModel } from "drizzle-orm";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { provisionRequests, ssoConnections } from "./schema.ts";

// The columns were written through branded types and are held to the unions by check constraints,
// which is what makes these two casts true.

export function toRequest(row: InferSelectModel<typeof provisionRequests>): ProvisionRequest {
  const { stateHash: _state, proofLeaseUntil: _lease, settleDueAt: _settle, ...request } = row;
  return request as unknown as ProvisionRequest;
}

export function toConnection(row: InferSelectModel<typeof ssoConnections>): SsoConnection {
  return row as unknown as SsoConnection;
}
