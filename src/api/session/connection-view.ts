import { type ErrorCode, factsOf } from "../../domain/error-codes.ts";
import { attributeMap, renewalDueAt, type SsoConnection } from "../../domain/sso-connection.ts";

/** Addresses a person can open; the second is there as long as users would meet a consent prompt. */
export interface ConnectionLinks {
  readonly sign_in_url: string;
  readonly admin_consent_url?: string;
}

export function connectionLinks(ssoOrigin: string, connection: SsoConnection): ConnectionLinks {
  const base = `${ssoOrigin}/v1/sso/connections/${connection.id}`;
  return {
    sign_in_url: `${base}/initiate`,
    ...(connection.usersConsentedAt === null ? { admin_consent_url: `${base}/admin-consent` } : {}),
  };
}

/** A connection as the API shows it, in the platform's words: without its secret. */
export function connectionView(ssoOrigin: string, connection: SsoConnection): Record<string, unknown> {
  return {
    id: connection.id,
    organization_id: connection.orgId,
    project_id: connection.projectId,
    display_name: connection.displayName ?? "Microsoft",
    protocol: connection.protocol,
    provider: connection.provider,
    status: connection.status,
    managed_by: connection.managedBy,
    entra_tenant_id: connection.entraTenantId,
    ...(connection.entraDomain === null ? {} : { entra_domain: connection.entraDomain }),
    oidc_issuer: connection.issuer,
    oidc_client_id: connection.appId,
    redirect_uri: connection.redirectUri,
    attribute_map: attributeMap,
    access: connection.access,
    configured_at: connection.createdAt.toISOString(),
    configured_by: connection.configuredBy,
    secret_expires_at: connection.secretExpiresAt.toISOString(),
    secret_renewal: {
      due_at: renewalDueAt(connection).toISOString(),
      ...(connection.renewalErrorCode === null ? {} : { error: renewalError(connection.renewalErrorCode) }),
    },
    // Null: nobody knows yet; an administrator's consent has not been seen to work for others.
    users_consented: connection.usersConsentedAt === null ? null : true,
    created_at: connection.createdAt.toISOString(),
    updated_at: connection.updatedAt.toISOString(),
    ...(connection.lastSignInAt === null ? {} : { last_sign_in_at: connection.lastSignInAt.toISOString() }),
    ...connectionLinks(ssoOrigin, connection),
  };
}

/** The last renewal failed: users can sign in until the secret ends. */
function renewalError(code: ErrorCode): Record<string, string> {
  const { title, detail, who, action } = factsOf(code);
  return { code, title, detail, who, action };
}
