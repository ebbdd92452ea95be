import type {
  AppClientId,
  AppObjectId,
  ConnectionId,
  EntraTenantId,
  OrgId,
  SecretKeyId,
  ServicePrincipalId,
} from "./ids.ts";
import type { ErrorCode } from "./error-codes.ts";

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
  /** When users were first known to get through: by the grants, or because one signed in. Null: not known yet. */
  readonly usersConsentedAt: Date | null;
  readonly renewalAttemptedAt: Date | null;
  /** Why the last renewal of the secret failed; null after a success. */
  readonly renewalErrorCode: ErrorCode | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const dayMs = 24 * 60 * 60_000;
const renewalLeadDaysMax = 60;

/** When the secret is renewed: 60 days before its end, and at half its life where a policy keeps it short. */
export function renewalDueAt(connection: Pick<SsoConnection, "secretExpiresAt" | "updatedAt">): Date {
  const endMs = connection.secretExpiresAt.getTime();
  const lifetimeMs = endMs - connection.updatedAt.getTime();
  return new Date(endMs - Math.min(renewalLeadDaysMax * dayMs, lifetimeMs / 2));
}

/** The per-connection redirect URI, byte for byte what Entra compares (AADSTS50011). */
export function redirectUriOf(ssoOrigin: string, connectionId: ConnectionId): string {
  return `${ssoOrigin}/v1/sso/oidc/${connectionId}/callback`;
}
