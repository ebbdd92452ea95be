import type { temporal } from "@temporalio/proto";
import { factsOf, isErrorCode } from "../domain/error-codes.ts";
import { factsOfKind, type OperationKind, type StepName } from "../domain/operation-kinds.ts";
import type { StepProgress } from "../domain/provision-contract.ts";

type History = temporal.api.history.v1.IHistory;
type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;
type Timestamp = { seconds?: unknown; nanos?: number | null } | null | undefined;

/**
 * Reads the steps of a run from its event history; pure. Attempts of a step in flight are not in the history yet, they
 * come from the pending activities.
 */
export function stepsFromHistory(
  kind: OperationKind,
  history: History,
  pending: readonly PendingActivity[],
): StepProgress[] {
  const stepNames = factsOfKind(kind).steps;
  const steps = new Map<StepName, StepProgress>(
    stepNames.map((name) => [name, { name, state: "pending", attempts: 0 }]),
  );
  const byScheduled = new Map<string, StepName>();
  const update = (scheduledEventId: unknown, change: Partial<StepProgress>) => {
    const name = byScheduled.get(String(scheduledEventId));
    const step = name && steps.get(name);
    if (step) steps.set(step.name, { ...step, ...change });
  };
  for (const event of history.events ?? []) {
    const at = toIso(event.eventTime);
    const scheduled = event.activityTaskScheduledEventAttributes;
    const name = stepNames.find((step) => step === scheduled?.activityType?.name);
    if (name) {
      byScheduled.set(String(event.eventId), name);
      steps.set(name, {
        name,
        state: "running",
        attempts: 1,
        ...(at === undefined ? {} : { startedAt: at }),
      });
    }
    const started = event.activityTaskStartedEventAttributes;
    if (started) update(started.scheduledEventId, { attempts: started.attempt ?? 1 });
    const ended = at === undefined ? {} : { endedAt: at };
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed) update(completed.scheduledEventId, { state: "done", ...ended });
    const failed = event.activityTaskFailedEventAttributes;
    if (failed)
      update(failed.scheduledEventId, {
        state: "failed",
        ...ended,
        ...noteOf(failed.failure?.applicationFailureInfo?.type),
      });
    const timedOut = event.activityTaskTimedOutEventAttributes ?? event.activityTaskCanceledEventAttributes;
    if (timedOut) update(timedOut.scheduledEventId, { state: "failed", ...ended });
  }
  for (const activity of pending) {
    const step = steps.get(activity.activityType?.name as StepName);
    if (!step) continue;
    const attempts = Math.max(activity.attempt ?? 1, 1);
    const note = noteOf(activity.lastFailure?.applicationFailureInfo?.type);
    steps.set(step.name, { ...step, state: attempts > 1 ? "retrying" : "running", attempts, ...note });
  }
  return [...steps.values()];
}

function noteOf(type: string | null | undefined): { note?: string } {
  return isErrorCode(type) ? { note: factsOf(type).title } : {};
}

function toIso(time: Timestamp): string | undefined {
  if (!time) return undefined;
  return new Date(Number(time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1e6)).toISOString();
}
