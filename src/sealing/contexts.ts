import type {
  AppClientId,
  AppObjectId,
  ConnectionId,
  EntraTenantId,
  OrgId,
  ProjectId,
  OperationId,
  SecretKeyId,
} from "../domain/ids.ts";
import type { SealingContext } from "./envelope.ts";

/** What a secret in `sso_connections` is bound to. */
export function storageContext(row: {
  projectId: ProjectId;
  orgId: OrgId;
  connectionId: ConnectionId;
  entraTenantId: EntraTenantId;
  appId: AppClientId;
  secretKeyId: SecretKeyId;
}): SealingContext {
  return [row.projectId, row.orgId, row.connectionId, row.entraTenantId, row.appId, row.secretKeyId];
}

/** What a secret in Temporal's history is bound to, between `addPassword` and `sealSecret`. */
export function transitContext(run: {
  operationId: OperationId;
  generation: number;
  entraTenantId: EntraTenantId;
  appObjectId: AppObjectId;
  secretKeyId: SecretKeyId;
  secretExpiresAt: string;
}): SealingContext {
  return [
    run.operationId,
    String(run.generation),
    run.entraTenantId,
    run.appObjectId,
    run.secretKeyId,
    run.secretExpiresAt,
  ];
}

/** What the private half of a signing key is bound to: its id, algorithm and use. */
export function signingKeyContext(key: { kid: string; algorithm: string }): SealingContext {
  return [key.kid, key.algorithm, "sig"];
}

/** What a webhook's secret is bound to: whoever writes another address into the row gets nothing signed. */
export function webhookSecretContext(endpoint: { id: string; url: string }): SealingContext {
  return [endpoint.id, endpoint.url];
}
