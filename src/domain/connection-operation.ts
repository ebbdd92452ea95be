import type { Actor } from "./actor.ts";
import type { ErrorCode } from "./error-codes.ts";
import type {
  AppClientId,
  AppObjectId,
  ConnectionId,
  EntraTenantId,
  OperationId,
  OrgId,
  ProjectId,
  ProvisionRequestId,
  ServicePrincipalId,
} from "./ids.ts";
import type { MicrosoftReference } from "./microsoft-codes.ts";
import { factsOfKind, type OperationKind } from "./operation-kinds.ts";

/** Statuses of an operation that works, or will as soon as its tenant has a place. */
export const inHandStatuses = ["waiting", "running"] as const;
/** Statuses that never change again, except `failed` by an operator's retry. */
export const endedStatuses = ["succeeded", "failed", "superseded"] as const;
export const operationStatuses = [...inHandStatuses, ...endedStatuses] as const;
export type OperationStatus = (typeof operationStatuses)[number];

/** What became of the objects of a failed generation. */
export type CleanupState = "none" | "pending" | "done" | "needs_operator";

/** Who may use the new application: `assigned` makes Entra refuse users nobody assigned. */
export type AccessChoice = "everyone" | "assigned";

/** The ids of one application in the customer's tenant. */
export interface ApplicationIds {
  readonly appObjectId: AppObjectId;
  readonly appId: AppClientId;
  readonly servicePrincipalId: ServicePrincipalId;
}

/** One row of `connection_operations`: one thing that is done to a connection. Times are `Date`s in UTC. */
export type ConnectionOperation = OperationFacts & OperationState;

export interface OperationFacts {
  readonly id: OperationId;
  readonly kind: OperationKind;
  /** The click that led to it. */
  readonly requestId: ProvisionRequestId | null;
  /** The sso origin that started it: another installation on a copy of the database leaves it alone. */
  readonly ssoOrigin: string;
  readonly projectId: ProjectId;
  readonly orgId: OrgId;
  readonly orgName: string | null;
  readonly requestedBy: Actor;
  readonly connectionId: ConnectionId;
  readonly entraTenantId: EntraTenantId;
  /** Raised by each operator's retry; every write of a run is fenced by it. */
  readonly generation: number;
  /** Of the proved administrator's user name; null where nobody had to prove anything. */
  readonly provedDomain: string | null;
  /** Null before the first run. */
  readonly workflowId: string | null;
  /** `null` when nobody chose: everyone for a new application, unchanged for an adopted one. */
  readonly access: AccessChoice | null;
  readonly createIntentAt: Date | null;
  /** The intended creation was answered with a refusal, which is no proof that nothing was made. */
  readonly createRefused: boolean;
  /** What this generation works on; null until a step has recorded it. */
  readonly application: ApplicationIds | null;
  /** The application was there before: the undo leaves it. */
  readonly adopted: boolean;
  readonly credentialAttempt: number;
  readonly secretLifetimeDays: number | null;
  /** Whether this run consented for all users of the application. */
  readonly usersConsented: boolean;
  readonly cleanup: CleanupState;
  /** What Microsoft called the failure, for support. */
  readonly errorMicrosoft: MicrosoftReference | null;
  /** The `traceparent` of what led to it, where there is a tracer. */
  readonly traceParent: string | null;
  readonly createdAt: Date;
}

type OperationState =
  | {
      readonly status: (typeof inHandStatuses)[number];
      readonly errorCode: null;
      readonly completedAt: null;
    }
  | { readonly status: "succeeded" | "superseded"; readonly errorCode: null; readonly completedAt: Date }
  | { readonly status: "failed"; readonly errorCode: ErrorCode; readonly completedAt: Date };

export function isInHand(status: OperationStatus): boolean {
  return status === "waiting" || status === "running";
}

/** Which generation of which operation a run works for. Everything else comes from the row, behind the fence. */
export interface RunRef {
  readonly operationId: OperationId;
  readonly generation: number;
}

/**
 * A run as Temporal itself names it: the row must name the same workflow, generation and sso origin. `workflowId` is
 * that of the execution an activity runs in, never one computed from an input.
 */
export interface FencedRun extends RunRef {
  readonly workflowId: string;
  readonly ssoOrigin: string;
}

/** What names an operation's workflow. */
export type OperationRef = Pick<ConnectionOperation, "id" | "kind" | "requestId">;

/** One workflow id per operation, named after its click where there is one; an operator's retry is a new run of it. */
export function workflowIdOf(operation: OperationRef): string {
  return `${factsOfKind(operation.kind).workflowIdPrefix}-${operation.requestId ?? operation.id}`;
}
