import type { StepName } from "./operation-kinds.ts";

/** Names that client and worker share. Changing one is a change of protocol: running workflows know the old. */
export const taskQueue = "ms-provision";

/** Search attributes (all Keyword). Registered by `npm run migrate` and by `temporal-dev.yml`. */
export const searchAttributeNames = {
  organization: "AuthioOrganization",
  connection: "AuthioConnection",
  tenant: "AuthioEntraTenant",
  outcome: "AuthioOutcome",
  errorCode: "AuthioErrorCode",
} as const;

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
