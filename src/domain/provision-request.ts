import type { AccessChoice, CleanupState, OperationRef } from "./connection-operation.ts";
import type {
  ConnectionId,
  EntraTenantId,
  OperationId,
  OrgId,
  ProjectId,
  ProvisionRequestId,
  SetupLinkId,
} from "./ids.ts";
import type { ErrorCode } from "./error-codes.ts";
import type { OperationKind } from "./operation-kinds.ts";
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

/** What a click leads to once its directory is proved. */
export const clickIntents = ["connect", "release"] as const satisfies readonly OperationKind[];
export type ClickIntent = (typeof clickIntents)[number];

/** How the finisher is tied to the starter (design: "Who may finish what was started"). */
export type StarterBinding = "cookie" | "confirm";
/** `setup_link`: to whoever pressed a link's button; said when the click is issued, and never of another click. */
export type BindingMode = StarterBinding | "setup_link";

/**
 * One row of `ms_provision_requests`, a click, as the rest of the product sees it. What is done because of it is the
 * operation that it names. Times are `Date`s in UTC.
 */
export type ProvisionRequest = RequestFacts & RequestState;

export interface RequestFacts {
  readonly id: ProvisionRequestId;
  readonly ssoOrigin: string;
  readonly projectId: ProjectId;
  readonly orgId: OrgId;
  readonly orgName: string | null;
  readonly startedBy: string;
  readonly returnTo: string | null;
  readonly intent: ClickIntent;
  /** `null` when the starter did not choose. */
  readonly access: AccessChoice | null;
  /** "Connect again" of this connection, or release of its directory: no other directory than its own. */
  readonly wantedConnectionId: ConnectionId | null;
  /** May lead to another directory beside the ones that are connected. */
  readonly additional: boolean;
  readonly binding: BindingMode;
  readonly setupLinkId: SetupLinkId | null;
  /** Who proved by a link, as Microsoft names them; for display. */
  readonly administrator: string | null;
  /** When that person said that it is theirs. */
  readonly approvedAt: Date | null;
  readonly browserHash: string | null;
  /** SHA-256 of the one-time value that confirms; null until the proof, and with cookie binding. */
  readonly confirmHash: string | null;
  /** `tenant` of the consent redirect: unsigned, never trusted. */
  readonly tenantHint: EntraTenantId | null;
  /** Of the proved administrator's user name. */
  readonly provedDomain: string | null;
  /** What became of the objects of its operation, where that failed. */
  readonly cleanup: CleanupState;
  readonly joinedRequestId: ProvisionRequestId | null;
  /** What Microsoft called the failure, for support. */
  readonly errorMicrosoft: MicrosoftReference | null;
  /** The `traceparent` of the call that started it, where there is a tracer. */
  readonly traceParent: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

type RequestState =
  | {
      readonly status: "issued" | "consented";
      readonly entraTenantId: null;
      readonly provedAt: null;
      readonly connectionId: null;
      readonly operationId: null;
      readonly errorCode: null;
      readonly completedAt: null;
    }
  | {
      readonly status: "unconfirmed";
      /** The tenant that was proved by an id_token. */
      readonly entraTenantId: EntraTenantId;
      readonly provedAt: Date;
      readonly connectionId: null;
      readonly operationId: null;
      readonly errorCode: null;
      readonly completedAt: null;
    }
  | {
      readonly status: "proved" | "provisioning" | "succeeded";
      readonly entraTenantId: EntraTenantId;
      readonly provedAt: Date;
      readonly connectionId: ConnectionId;
      readonly operationId: OperationId;
      readonly errorCode: null;
      readonly completedAt: Date | null;
    }
  | {
      readonly status: "failed" | "denied" | "refused" | "expired" | "superseded";
      readonly entraTenantId: EntraTenantId | null;
      readonly provedAt: Date | null;
      readonly connectionId: ConnectionId | null;
      /** Null where it ended before anything was done. */
      readonly operationId: OperationId | null;
      readonly errorCode: ErrorCode | null;
      readonly completedAt: Date;
    };

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

/** The operation that a click led to; undefined where it led to none. */
export function operationRefOf({ id, intent, operationId }: ProvisionRequest): OperationRef | undefined {
  return operationId === null ? undefined : { id: operationId, kind: intent, requestId: id };
}
