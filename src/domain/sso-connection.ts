import type {
  AppClientId,
  AppObjectId,
  ConnectionId,
  EntraTenantId,
  OrgId,
  SecretKeyId,
  ServicePrincipalId,
} from "./ids.ts";

/** One live connection. A row without a sealed secret cannot exist; the schema says so too. */
export interface SsoConnection {
  readonly id: ConnectionId;
  readonly orgId: OrgId;
  readonly protocol: "oidc";
  readonly provider: "entra";
  readonly status: "active";
  readonly managedBy: "microsoft_graph";
  readonly entraTenantId: EntraTenantId;
  /** OAuth client id (`appId` in Graph). */
  readonly appId: AppClientId;
  readonly appObjectId: AppObjectId;
  readonly servicePrincipalId: ServicePrincipalId;
  readonly issuer: string;
  readonly redirectUri: string;
  readonly sealedSecret: string;
  /** Entra's keyId of the credential that `sealedSecret` holds. */
  readonly secretKeyId: SecretKeyId;
  readonly secretExpiresAt: Date;
  /** When an administrator consented for all users; null means that each user meets Microsoft's consent prompt once. */
  readonly usersConsentedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The per-connection redirect URI, byte for byte what Entra compares (AADSTS50011). */
export function redirectUriOf(ssoOrigin: string, connectionId: ConnectionId): string {
  return `${ssoOrigin}/v1/sso/oidc/${connectionId}/callback`;
}
