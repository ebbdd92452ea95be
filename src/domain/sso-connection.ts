import type {
  AppClientId,
  AppObjectId,
  ConnectionId,
  EntraTenantId,
  OrgId,
  ProjectId,
  SecretKeyId,
  ServicePrincipalId,
} from "./ids.ts";
import type { AccessChoice } from "./provision-request.ts";
import type { ErrorCode } from "./error-codes.ts";

/** `suspended` by its owners: signs nobody in, and is kept up. `disconnected`: only its history is left, and a restore. */
export type ConnectionStatus = "active" | "suspended" | "disconnected";

/** Statuses with an application and a secret at Microsoft. */
export const liveStatuses = ["active", "suspended"] as const satisfies readonly ConnectionStatus[];

/** Where a user's attributes come from; the keys are the platform's closed set. */
export const attributeMap = {
  "user.email": "email",
  "user.first_name": "given_name",
  "user.last_name": "family_name",
  "user.name": "name",
} as const;

/** A connection whatever its status. Only a disconnected one has no secret; the schema says so too. */
export interface SsoConnection {
  readonly id: ConnectionId;
  readonly projectId: ProjectId;
  readonly orgId: OrgId;
  readonly protocol: "oidc";
  readonly provider: "entra";
  readonly status: ConnectionStatus;
  /** Rises whenever sign-ins under way must end. */
  readonly epoch: number;
  readonly managedBy: "microsoft_graph";
  readonly entraTenantId: EntraTenantId;
  /** OAuth client id (`appId` in Graph). */
  readonly appId: AppClientId;
  readonly appObjectId: AppObjectId;
  readonly servicePrincipalId: ServicePrincipalId;
  readonly issuer: string;
  readonly redirectUri: string;
  readonly sealedSecret: string | null;
  /** Entra's keyId of the credential that `sealedSecret` holds. */
  readonly secretKeyId: SecretKeyId;
  readonly secretExpiresAt: Date;
  /** When users were first known to get through: by the grants, or because one signed in. Null: not known yet. */
  readonly usersConsentedAt: Date | null;
  readonly renewalAttemptedAt: Date | null;
  /** Why the last renewal of the secret failed; null after a success. */
  readonly renewalErrorCode: ErrorCode | null;
  /** A domain whose own discovery names this tenant; null: none is known. */
  readonly entraDomain: string | null;
  /** Given by its owners; null: the provider's name. */
  readonly displayName: string | null;
  /** Who may use the application, as it was chosen last. */
  readonly access: AccessChoice;
  /** User id of whoever connected it last. */
  readonly configuredBy: string;
  readonly lastSignInAt: Date | null;
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
  return `${ssoOrigin}/v1/sso/connections/${connectionId}/callback`;
}
