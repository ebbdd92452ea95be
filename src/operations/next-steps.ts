import { factsOf } from "../domain/error-codes.ts";
import { factsOfKind } from "../domain/operation-kinds.ts";
import { proofLifetimeMs } from "../domain/provision-request.ts";
import type { StepProgress } from "../domain/provision-contract.ts";
import type { WaitingStep } from "../domain/operation-runs.ts";
import { factsOfWork, isOperationId, type Work, type WorkFacts } from "../domain/work.ts";

const cli = "ms-provision";

/**
 * What an operator can do about a provision now, a sentence or command each; empty where nothing is to be done. Pure.
 * @param waiting what its run waits for, where Temporal can tell
 * @param steps undefined while Temporal does not answer
 */
export function nextSteps(
  work: Work,
  waiting: WaitingStep | undefined,
  steps: readonly StepProgress[] | undefined,
  now: Date,
): readonly string[] {
  const facts = factsOfWork(work);
  const { id, status, cleanup, errorCode, entraTenantId, application } = facts;
  if (cleanup === "needs_operator")
    return [
      `An application may be left in directory ${entraTenantId ?? "unknown"}: object ${application?.appObjectId ?? "unknown"}, client id ${application?.appId ?? "unknown"}. Delete it there, or with:`,
      `${cli} sweep --tenant ${entraTenantId ?? "TENANT"} --delete ${application?.appObjectId ?? "OBJECT_ID"} --reason …`,
      ...(factsOfKind(facts.kind).isCleanUp && status === "failed"
        ? [`Or have it removed: ${cli} retry ${id} --reason …`]
        : []),
      `If it is gone already: ${cli} sweep --acknowledge ${id} --reason …`,
    ];
  if (cleanup === "pending") return ["Nothing: what it made is being removed; that is tried for a day."];
  switch (status) {
    case "issued":
    case "consented":
      return ["Nothing: the customer is at Microsoft, or has left; it expires by itself."];
    case "unconfirmed":
      return ["The starter's dashboard must confirm it; else it expires by itself."];
    case "proved":
    case "waiting":
      return ["Nothing: it starts as a place in its directory becomes free, or Temporal is back."];
    case "provisioning":
    case "running":
      return waiting
        ? [factsOf(waiting.code).action, `To give it up: ${cli} cancel ${id} --reason …`]
        : [runningAdvice(facts, steps, now)];
    case "failed":
      return [...(errorCode ? [factsOf(errorCode).action] : []), afterFailure(facts, now)];
    case "denied":
    case "refused":
    case "expired":
      return [...(errorCode ? [factsOf(errorCode).action] : []), "The customer clicks again."];
    default:
      return [];
  }
}

/** A worker takes up a run within a second; long after that there is none. */
const takenUpMs = 60_000;

function runningAdvice(
  { createdAt }: WorkFacts,
  steps: readonly StepProgress[] | undefined,
  now: Date,
): string {
  if (steps === undefined) return `Temporal does not answer: ${cli} doctor, line temporal.`;
  const hasBegun = steps.some(({ attempts }) => attempts > 0);
  const ageMs = now.getTime() - createdAt.getTime();
  if (!hasBegun && ageMs > takenUpMs)
    return `Nothing has begun after ${Math.floor(ageMs / 60_000)} minutes: ${cli} doctor, line workers.`;
  return "Nothing: it is being worked on.";
}

function afterFailure({ id, kind, provedAt }: WorkFacts, now: Date): string {
  if (kind === "renew")
    return `It is tried again by itself within a day, or with: ${cli} retry ${id} --reason …`;
  if (isOperationId(id)) return `Once the cause is mended: ${cli} retry ${id} --reason …`;
  const isFresh = provedAt !== null && now.getTime() - provedAt.getTime() < proofLifetimeMs;
  return isFresh
    ? `Once the cause is mended: ${cli} retry ${id} --reason …`
    : "The proof is older than an hour, so the customer clicks again.";
}
