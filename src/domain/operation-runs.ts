import type { ErrorCode } from "./error-codes.ts";
import type { ConnectionOperation, OperationRef } from "./connection-operation.ts";
import type { StepProgress } from "./provision-contract.ts";

/** Whether Temporal is working on an operation. */
export type RunState = "running" | "closed" | "unknown";

/** A step between two attempts. */
export interface WaitingStep {
  readonly activity: string;
  readonly attempt: number;
  readonly code: ErrorCode;
}

/** `refuses`: Temporal answers, and does not say whether the namespace is there. */
export type NamespaceState = "ready" | "away" | "refuses" | "namespace_missing";

/** The port to Temporal; its adapter is `temporal/operation-runs.ts`. All methods throw when Temporal is away, except where said. */
export interface OperationRuns {
  /**
   * Starts the run of the operation's current generation. A run that is open already is left alone.
   * `false` when a run of an earlier generation is still closing: ask again shortly.
   */
  start(operation: ConnectionOperation): Promise<boolean>;
  /** Asks the open run to stop and undo. Repeat, or without an open run: nothing happens. */
  cancel(operation: OperationRef): Promise<void>;
  state(operation: OperationRef): Promise<RunState>;
  /** Steps of the newest run, read from the event history, so it needs no worker. Empty when there is none. */
  steps(operation: OperationRef): Promise<readonly StepProgress[]>;
  /** What holds a run's step up; undefined when its newest attempt is under way or nothing runs. */
  waiting(operation: OperationRef): Promise<WaitingStep | undefined>;
  /** Whether runs can be started. Never throws. */
  namespace(): Promise<NamespaceState>;
}
