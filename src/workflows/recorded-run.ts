import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from "@temporalio/workflow";
import { type ErrorCode, factsOf, isErrorCode } from "../domain/error-codes.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { MicrosoftReference } from "../domain/microsoft-codes.ts";
import type { LiveConnection, ProvisionActivities, RecordedOutcome } from "../domain/provision-activities.ts";
import type { RunRef } from "../domain/connection-operation.ts";
import { factsOfKind, type OperationKind, type StepName } from "../domain/operation-kinds.ts";
import { searchAttributeNames } from "../domain/provision-contract.ts";
import { sideBySide } from "./side-by-side.ts";

/** Where the run stands, for operators: `temporal workflow query --type progress`. */
export interface RunProgress {
  readonly step: StepName | "waiting" | "recordFailure" | "deleteOrphanedApplication" | "ended";
  readonly done: number;
  readonly of: number;
}
export const progressQuery = defineQuery<RunProgress>("progress");

/**
 * Runs the steps of an operation to a recorded end: live, or failed with the fence closed first and then the undo.
 * @throws {ApplicationFailure} whose type is the error code, after the failure was recorded and undone
 */
export async function recordedRun(
  run: RunRef,
  kind: OperationKind,
  activities: ProvisionActivities,
  steps: (begin: (step: StepName) => void) => Promise<LiveConnection>,
): Promise<{ connectionId: ConnectionId }> {
  const { steps: stepNames, done: doneWord } = factsOfKind(kind);
  let progress: RunProgress = { step: "waiting", done: 0, of: stepNames.length };
  setHandler(progressQuery, () => progress);
  const begin = (step: StepName): void => {
    const done = stepNames.indexOf(step);
    progress = { step, done, of: stepNames.length };
    setCurrentDetails(`Step ${done + 1} of ${stepNames.length}: ${step}`);
  };

  let live: LiveConnection;
  try {
    live = await steps(begin);
  } catch (error) {
    const code = codeOf(error);
    progress = { ...progress, step: "recordFailure" };
    // The fence closes before anything is undone; a cancelled workflow does this too.
    const recorded = await CancellationScope.nonCancellable(() =>
      activities.recordFailure({ ...run, code, microsoft: microsoftOf(error) }),
    );
    if (recorded.kind !== "succeeded") {
      progress = { ...progress, step: "deleteOrphanedApplication" };
      await CancellationScope.nonCancellable(() => undo(run, activities, recorded));
      throw failure(recorded.kind === "failed" ? recorded.code : code, error);
    }
    // The upsert had committed and only its answer was lost.
    live = { connectionId: recorded.connectionId, mayLeaveCredentials: true };
  }
  const { connectionId } = live;
  if (live.mayLeaveCredentials) await tidyUp(run, activities);
  progress = { step: "ended", done: stepNames.length, of: stepNames.length };
  // The execution's status says it to whoever searches.
  setCurrentDetails(`${doneWord}: ${connectionId}`);
  return { connectionId };
}

/** The second half of both stories: a new secret is minted, sealed, proved, and made the connection's. */
export async function switchSecret(
  run: RunRef,
  activities: ProvisionActivities,
  begin: (step: StepName) => void,
): Promise<LiveConnection> {
  begin("addPassword");
  const minted = await activities.addPassword(run);
  begin("proveSecret");
  const [sealed, { proofMac }] = await sideBySide(
    () => activities.sealSecret({ ...run, ...minted }),
    () => activities.proveSecret({ ...run, ...minted }),
  );
  begin("upsertConnection");
  return activities.upsertConnection({ ...run, ...sealed, proofMac });
}

async function undo(
  run: RunRef,
  activities: ProvisionActivities,
  recorded: Exclude<RecordedOutcome, { kind: "succeeded" }>,
): Promise<void> {
  const code = recorded.kind === "failed" ? recorded.code : "run_not_current";
  if (recorded.kind === "stale" || recorded.cleanup === "none")
    return tellOutcome("failed", code, `Failed: ${factsOf(code).title}. Nothing to undo.`);
  setCurrentDetails(`Failed: ${factsOf(code).title}. Removing what was created.`);
  try {
    await activities.deleteOrphanedApplication(run);
    tellOutcome("failed", code, `Failed: ${factsOf(code).title}. What was created is removed.`);
  } catch {
    await activities.recordCleanupNeedsOperator(run);
    tellOutcome(
      "needs_operator",
      code,
      `Failed: ${factsOf(code).title}. Clean-up did not finish: a person must remove the application.`,
    );
  }
}

/** The connection is live already: whatever happens here changes nothing about that. */
async function tidyUp(run: RunRef, activities: ProvisionActivities): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() => activities.removeSupersededCredentials(run));
  } catch {
    setCurrentDetails("Live; credentials no longer in use could not be removed yet.");
  }
}

/** The failure that activities gave a code keeps it; anything else is ours. */
function codeOf(error: unknown): ErrorCode {
  if (isCancellation(error)) return "cancelled_by_operator";
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && isErrorCode(cause.type)) return cause.type;
  // A timeout without a failure of its own: the worker or Microsoft hung to the last.
  return error instanceof ActivityFailure ? "microsoft_unavailable" : "internal";
}

/** What Microsoft called it, as the activity passed it on. */
function microsoftOf(error: unknown): MicrosoftReference | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure
    ? (cause.details?.[0] as MicrosoftReference | undefined)
    : undefined;
}

function failure(code: ErrorCode, error: unknown): ApplicationFailure {
  const cause =
    error instanceof ActivityFailure && error.cause instanceof ApplicationFailure
      ? error.cause.message
      : factsOf(code).title;
  const failed = ApplicationFailure.nonRetryable(`${cause}. ${factsOf(code).action}`, code);
  // The code says where it came from; a stack of the bundle would only push the message out of sight.
  failed.stack = "";
  return failed;
}

/** Search attributes only where the start had them: an unregistered one would stall the workflow for good. */
function tellOutcome(outcome: "failed" | "needs_operator", code: ErrorCode, details: string): void {
  setCurrentDetails(details);
  if (workflowInfo().searchAttributes[searchAttributeNames.organization] === undefined) return;
  upsertSearchAttributes({
    [searchAttributeNames.outcome]: [outcome],
    [searchAttributeNames.errorCode]: [code],
  });
}
