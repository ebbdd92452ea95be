import type { AccessChoice } from "./connection-operation.ts";
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
import type { ErrorCode } from "./error-codes.ts";
import type { Side } from "./switched-off.ts";

/** `suspended` by its owners or an operator: signs nobody in, and is kept up. `disconnected`: only its history is left, and a restore. */
export const connectionStatuses = ["active", "suspended", "disconnected"] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];

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
  /** When this secret came into the row; whatever else is changed of it leaves that. */
  readonly secretSetAt: Date;
  /** When users were first known to get through: by the grants, or because one signed in. Null: not known yet. */
  readonly usersConsentedAt: Date | null;
  /** When it was first known that users are not let through without being asked. Null: not known, or they are. */
  readonly usersConsentMissingAt: Date | null;
  /** By whose word: Microsoft's grants, which only grants overrule, or what sign-ins met. */
  readonly usersConsentBy: "grants" | "sign_ins" | null;
  readonly renewalAttemptedAt: Date | null;
  /** Why the last renewal of the secret failed; null after a success. */
  readonly renewalErrorCode: ErrorCode | null;
  /** Of an administrator's user name, as the proof said it. */
  readonly provedDomain: string | null;
  /** When Microsoft was last asked whose `provedDomain` is. */
  readonly domainLookedAt: Date | null;
  /** A domain whose own discovery names this tenant; null: none is known. */
  readonly entraDomain: string | null;
  /** Given by its owners; null: the provider's name. */
  readonly displayName: string | null;
  /** Who may use the application, as it was chosen last. */
  readonly access: AccessChoice;
  /** Why the last change of `access` failed; null after a success. */
  readonly accessErrorCode: ErrorCode | null;
  /** User id of whoever connected it last. */
  readonly configuredBy: string;
  readonly lastSignInAt: Date | null;
  /** Who suspended or disconnected it since people could last sign in with it. */
  readonly switchedOffBy: readonly Side[];
  /** Null while it is live. */
  readonly disconnectedAt: Date | null;
  /** When our app was removed from its directory; null while, as far as we know, it is there. */
  readonly accessReleasedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** How long Microsoft keeps a deleted application. */
const restorableDays = 30;
const dayMs = 24 * 60 * 60_000;
const renewalLeadDaysMax = 60;

/** Until when a disconnected connection can be restored. */
export function restorableUntil({
  disconnectedAt,
  updatedAt,
}: Pick<SsoConnection, "disconnectedAt" | "updatedAt">): Date {
  return new Date((disconnectedAt ?? updatedAt).getTime() + restorableDays * dayMs);
}

/** Since when there is this secret; no change of a row is older than the row was then. */
export function secretSince({
  secretSetAt,
  updatedAt,
}: Pick<SsoConnection, "secretSetAt" | "updatedAt">): Date {
  return secretSetAt < updatedAt ? secretSetAt : updatedAt;
}

/** When the secret is renewed: 60 days before its end, and at half its life where a policy keeps it short. */
export function renewalDueAt(
  connection: Pick<SsoConnection, "secretExpiresAt" | "secretSetAt" | "updatedAt">,
): Date {
  const endMs = connection.secretExpiresAt.getTime();
  const lifetimeMs = endMs - secretSince(connection).getTime();
  return new Date(endMs - Math.min(renewalLeadDaysMax * dayMs, lifetimeMs / 2));
}

/**
 * Where a sign-in begins that nobody asked for at an application. A worker knows no applications: the address leads to
 * whichever there is when somebody comes.
 */
export function launchUrlOf(ssoOrigin: string, connectionId: ConnectionId): string {
  return `${ssoOrigin}/v1/sso/connections/${connectionId}/launch`;
}

/** The per-connection redirect URI, byte for byte what Entra compares (AADSTS50011). */
export function redirectUriOf(ssoOrigin: string, connectionId: ConnectionId): string {
  return `${ssoOrigin}/v1/sso/connections/${connectionId}/callback`;
}

/** Whether users get through without being asked for their consent; null: nobody knows yet. */
export function usersConsented({
  usersConsentedAt,
  usersConsentMissingAt,
}: Pick<SsoConnection, "usersConsentedAt" | "usersConsentMissingAt">): boolean | null {
  if (usersConsentedAt !== null) return true;
  return usersConsentMissingAt === null ? null : false;
}
