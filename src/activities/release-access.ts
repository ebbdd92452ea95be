import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import { completeRelease } from "../db/release.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { AppClientId } from "../domain/ids.ts";
import type { ServicePrincipal } from "../entra/graph-responses.schema.ts";
import { MicrosoftError } from "../entra/microsoft-error.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";
import { notReady } from "./not-ready.ts";

/**
 * An approval may have made it moments ago, and a refusal may be one of what was done: neither "gone" nor "refused" is
 * believed before Microsoft has said so for this long.
 */
const sureAfterMs = 8000;

/**
 * Deletes our own service principal in the directory, with which our permission there ends. Once it is gone Microsoft
 * knows us no more, so a repeat after a lost answer learns it from being refused.
 */
export function releaseAccess(deps: ActivityDeps): Step<"releaseAccess"> {
  return async (_input, run) => {
    const { entraTenantId } = await requireCurrentRun(deps.database, run, "release");
    const principals = deps.applicationsOf(entraTenantId, Context.current().cancellationSignal);
    const isSure = sinceFirstAttemptMs() * (deps.pace?.budgetFactor ?? 1) >= sureAfterMs;
    const asked = <T>(answer: Promise<T>): Promise<T | undefined> =>
      answer.catch((error: unknown) => judge(error, isSure));
    const look = (): Promise<ServicePrincipal | undefined> =>
      asked(principals.findServicePrincipal(deps.provisioningClientId as AppClientId));
    const own = await look();
    if (!own) {
      if (!isSure) throw notReady("not found yet");
      return { removed: false };
    }
    const removed = await asked(principals.deleteServicePrincipal(own.id));
    if (await look()) throw notReady("the deletion is not visible yet");
    return { removed: removed === true };
  };
}

const sinceFirstAttemptMs = (): number => Date.now() - Context.current().info.scheduledTimestampMs;

/** The token endpoint's and Graph's words for an app that has no service principal in the directory. */
const unknownNumbers = [70001, 700011, 700016, 7000229];
const unknownReason = "Authorization_IdentityNotFound";

/** Undefined where Microsoft does not know our app there. @throws {CodedError} release_refused, or the error as it was */
function judge(error: unknown, isSure: boolean): undefined {
  if (!(error instanceof MicrosoftError)) throw error;
  const { code, facts, microsoft } = error;
  if (unknownNumbers.includes(facts.aadsts ?? 0) || facts.reason === unknownReason) return undefined;
  const isFinal = code === "microsoft_refused_request" || code === "forbidden_by_policy";
  // A role that was withdrawn does not come back by waiting, and neither does one that never covered this.
  const isWithout = code === "permission_not_effective" || facts.reason === "token_without_role";
  if (isFinal || (isSure && isWithout)) throw new CodedError("release_refused", error.message, { microsoft });
  throw error;
}

export function recordReleased({ database }: ActivityDeps): Step<"recordReleased"> {
  return async (_input, run) => {
    const { connectionId } = await completeRelease(database, run);
    return { connectionId };
  };
}
