import type { ProvisionRequestId } from "./ids.ts";
import type { RequestKind } from "./provision-request.ts";

/** Names that client and worker share. Changing one is a change of protocol: running workflows know the old. */
export const taskQueue = "ms-provision";
export const workflowType = "provisionMicrosoftConnection";
export const renewalWorkflowType = "renewConnectionSecret";

/** One workflow id per request; an operator's retry is a new run of the same id. */
export function workflowIdOf(requestId: ProvisionRequestId): string {
  return `ms-provision-${requestId}`;
}

/** Search attributes (all Keyword). Registered by `npm run migrate` and by `temporal-dev.yml`. */
export const searchAttributeNames = {
  organization: "AuthioOrganization",
  connection: "AuthioConnection",
  tenant: "AuthioEntraTenant",
  outcome: "AuthioOutcome",
  errorCode: "AuthioErrorCode",
} as const;

/** Which generation of which request a run works for. Everything else comes from the row, behind the fence. */
export interface RunRef {
  readonly requestId: ProvisionRequestId;
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

/** The steps of a click, in the order a person sees them. */
const connectSteps = [
  "discoverIssuer",
  "instantiateApplication",
  "configureOidc",
  "addPassword",
  "sealSecret",
  "proveSecret",
  "upsertConnection",
] as const;
/** A renewal works on the application that is there, so it neither creates nor configures one. */
const renewalSteps = [
  "beginRenewal",
  "addPassword",
  "sealSecret",
  "proveSecret",
  "upsertConnection",
] as const;
export type StepName = (typeof connectSteps | typeof renewalSteps)[number];

export function stepNamesOf(kind: RequestKind): readonly StepName[] {
  return kind === "renewal" ? renewalSteps : connectSteps;
}

export type StepState = "pending" | "running" | "retrying" | "done" | "failed";

/** One line of progress. Times are ISO-8601 UTC. */
export interface StepProgress {
  readonly name: StepName;
  readonly state: StepState;
  /** Attempts begun so far; 0 before the first. */
  readonly attempts: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** Why it is being tried again, or why it failed: an error code's title. */
  readonly note?: string;
}
