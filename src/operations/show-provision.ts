import { readTrail, type TrailLine } from "../db/work-trail.ts";
import { findWork } from "../db/find-work.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { StepProgress } from "../domain/provision-contract.ts";
import type { WaitingStep } from "../domain/operation-runs.ts";
import type { Work, WorkId } from "../domain/work.ts";
import type { OperationsContext } from "./context.ts";
import { nextSteps } from "./next-steps.ts";

/** All that is known of one provision. */
export interface ShownProvision {
  readonly work: Work;
  /** Undefined while Temporal does not answer; empty where nothing ran. */
  readonly steps: readonly StepProgress[] | undefined;
  readonly waiting: WaitingStep | undefined;
  readonly trail: readonly TrailLine[];
  /** What to do, in sentences and commands. */
  readonly next: readonly string[];
}

/**
 * Puts together what the row, the run and the audit trail know. Temporal's absence leaves its part out and is said.
 * @throws {CodedError} not_found
 */
export async function showProvision({
  ctx: { database, runs, clock },
  input: { id },
}: {
  ctx: OperationsContext;
  input: { readonly id: WorkId };
}): Promise<ShownProvision> {
  const work = await findWork(database, id);
  if (!work) throw new CodedError("not_found", id);
  const { operation } = work;
  const [steps, waiting, trail] = await Promise.all([
    operation?.workflowId ? runs.steps(operation).catch(() => undefined) : [],
    waitOf(work, runs),
    readTrail(database, id),
  ]);
  return { work, steps, waiting, trail, next: nextSteps(work, waiting, steps, clock.now()) };
}

/** What an unfinished provision waits for, where Temporal can tell. */
export async function waitOf(
  { operation }: Work,
  runs: OperationsContext["runs"],
): Promise<WaitingStep | undefined> {
  if (operation?.status !== "running" && operation?.cleanup !== "pending") return undefined;
  return runs.waiting(operation).catch(() => undefined);
}
