import type {
  AppClientId,
  AppObjectId,
  ConnectionId,
  EntraTenantId,
  OrgId,
  ProjectId,
  ProvisionRequestId,
  ServicePrincipalId,
} from "./ids.ts";
import type { ErrorCode } from "./error-codes.ts";
import type { MicrosoftReference } from "./microsoft-codes.ts";

/** Life of a request; see docs/architecture.md for the picture. */
export const requestStatuses = [
  "issued",
  "consented",
  "unconfirmed",
  "proved",
  "provisioning",
  "succeeded",
  "failed",
  "denied",
  "refused",
  "expired",
  "superseded",
] as const;
export type RequestStatus = (typeof requestStatuses)[number];

/** Statuses before the proof: the state can still be used, burned or cancelled, and expires. */
export const unprovedStatuses = [
  "issued",
  "consented",
  "unconfirmed",
] as const satisfies readonly RequestStatus[];

export function isUnproved(status: RequestStatus): boolean {
  return (unprovedStatuses as readonly RequestStatus[]).includes(status);
}

/** Statuses that never change again, except `failed` by an operator's retry. */
export const finalStatuses = [
  "succeeded",
  "failed",
  "denied",
  "refused",
  "expired",
  "superseded",
] as const satisfies readonly RequestStatus[];

export function isFinal(status: RequestStatus): boolean {
  return (finalStatuses as readonly RequestStatus[]).includes(status);
}

/** Who may use the new application: `assigned` makes Entra refuse users nobody assigned. */
export type AccessChoice = "everyone" | "assigned";

/** How the finisher is tied to the starter (design: "Who may finish what was started"). */
export type BindingMode = "cookie" | "confirm";

/** A person's click, or the renewal of a connection's secret by maintenance. */
export type RequestKind = "connect" | "renewal";

/** What became of the objects of a failed generation. */
export type CleanupState = "none" | "pending" | "done" | "needs_operator";

/** One row of `ms_provision_requests` as the rest of the product sees it. Times are `Date`s in UTC. */
export interface ProvisionRequest {
  readonly id: ProvisionRequestId;
  readonly kind: RequestKind;
  /** The sso origin that started it; null in rows of before that was kept. */
  readonly ssoOrigin: string | null;
  readonly projectId: ProjectId;
  readonly orgId: OrgId;
  readonly orgName: string | null;
  readonly startedBy: string;
  readonly returnTo: string | null;
  /** `null` when the starter did not choose: everyone for a new application, unchanged for an adopted one. */
  readonly access: AccessChoice | null;
  /** "Connect again" of this connection: no other directory than its own. */
  readonly wantedConnectionId: ConnectionId | null;
  /** May lead to another directory beside the ones that are connected. */
  readonly additional: boolean;
  readonly binding: BindingMode;
  readonly browserHash: string | null;
  /** SHA-256 of the one-time value that confirms; null until the proof, and with cookie binding. */
  readonly confirmHash: string | null;
  readonly status: RequestStatus;
  /** Raised by each operator's retry; every write of a run is fenced by it. */
  readonly generation: number;
  /** `tenant` of the consent redirect: unsigned, never trusted. */
  readonly tenantHint: EntraTenantId | null;
  /** The tenant that was proved by an id_token. */
  readonly entraTenantId: EntraTenantId | null;
  readonly connectionId: ConnectionId | null;
  readonly workflowId: string | null;
  readonly createIntentAt: Date | null;
  /** The intended creation was answered with a refusal, which is no proof that nothing was made. */
  readonly createRefused: boolean;
  readonly adopted: boolean;
  readonly appObjectId: AppObjectId | null;
  readonly appId: AppClientId | null;
  readonly servicePrincipalId: ServicePrincipalId | null;
  readonly credentialAttempt: number;
  readonly secretLifetimeDays: number | null;
  /** Whether this run consented for all users of the application. */
  readonly usersConsented: boolean;
  readonly cleanup: CleanupState;
  readonly joinedRequestId: ProvisionRequestId | null;
  readonly errorCode: ErrorCode | null;
  /** What Microsoft called the failure, for support. */
  readonly errorMicrosoft: MicrosoftReference | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly provedAt: Date | null;
  readonly completedAt: Date | null;
}

/**
 * Runs of one tenant that may be open at a time; the rest wait as rows. Microsoft throttles by tenant, so more would
 * only pile up in the worker.
 */
export const openRunsPerTenantMax = 10;
/** How long a state is good for, from start to proof. */
export const requestLifetimeMs = 15 * 60_000;
/** Requests of one organization that may be issued or consented at a time. */
export const openRequestsMax = 5;
/** Starts of one organization within 24 hours. */
export const startsPerDayMax = 50;
/** Of which one person's at most, so that nobody locks the others out for a day. */
export const startsPerPersonAndDayMax = 20;
/** A proof older than this does not carry an operator's retry; the customer clicks again. */
export const proofLifetimeMs = 60 * 60_000;

/**
 * The mark that ties Graph objects to one generation of one request: in the application's first display name,
 * then in its tags. Opaque ids only, so it needs no escaping in an OData filter.
 */
export function markOf(requestId: ProvisionRequestId, generation: number): string {
  return `${requestId}.${generation}`;
}
