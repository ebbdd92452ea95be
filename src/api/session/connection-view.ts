import { type ErrorCode, factsOf } from "../../domain/error-codes.ts";
import { renewalDueAt, type SsoConnection } from "../../domain/sso-connection.ts";

/** Addresses a person can open; the second is there as long as users would meet a consent prompt. */
export interface ConnectionLinks {
  readonly sign_in_url: string;
  readonly admin_consent_url?: string;
}

export function connectionLinks(ssoOrigin: string, connection: SsoConnection): ConnectionLinks {
  const base = `${ssoOrigin}/v1/sso/oidc/${connection.id}`;
  return {
    sign_in_url: `${base}/authorize`,
    ...(connection.usersConsentedAt === null ? { admin_consent_url: `${base}/admin-consent` } : {}),
  };
}

/** A connection as the API shows it: without its secret. */
export function connectionView(ssoOrigin: string, connection: SsoConnection): Record<string, unknown> {
  return {
    id: connection.id,
    org_id: connection.orgId,
    protocol: connection.protocol,
    provider: connection.provider,
    status: connection.status,
    managed_by: connection.managedBy,
    entra_tenant_id: connection.entraTenantId,
    app_id: connection.appId,
    app_object_id: connection.appObjectId,
    service_principal_id: connection.servicePrincipalId,
    issuer: connection.issuer,
    redirect_uri: connection.redirectUri,
    secret_key_id: connection.secretKeyId,
    secret_expires_at: connection.secretExpiresAt.toISOString(),
    secret_renewal: {
      due_at: renewalDueAt(connection).toISOString(),
      ...(connection.renewalErrorCode === null ? {} : { error: renewalError(connection.renewalErrorCode) }),
    },
    users_consented: connection.usersConsentedAt !== null,
    created_at: connection.createdAt.toISOString(),
    updated_at: connection.updatedAt.toISOString(),
    ...connectionLinks(ssoOrigin, connection),
  };
}

/** The last renewal failed: users can sign in until the secret ends. */
function renewalError(code: ErrorCode): Record<string, string> {
  const { title, detail, who, action } = factsOf(code);
  return { code, title, detail, who, action };
}
