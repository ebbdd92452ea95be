import { Context } from "@temporalio/activity";
import { claimCredentialAttempt, requireCurrentRun } from "../db/provision-requests/run.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { AppObjectId } from "../domain/ids.ts";
import type { MintedSecret } from "../domain/provision-activities.ts";
import type { FencedRun, RunRef } from "../domain/provision-contract.ts";
import { markOf } from "../domain/provision-request.ts";
import type { AddedPassword, GraphApplications } from "../entra/graph-applications.ts";
import { MicrosoftError } from "../entra/microsoft-error.ts";
import { transitContext } from "../sealing/contexts.ts";
import { prepareSeal } from "../sealing/envelope.ts";
import type { ActivityDeps } from "./deps.ts";
import { applicationOf, type Step } from "./fence.ts";

/** Two years; then what tenants' policies commonly cap secrets at. */
const lifetimesDays = [730, 180, 90, 30];
const dayMs = 24 * 60 * 60_000;

/**
 * Where nothing can be sealed, nothing is minted. Each attempt claims a number and names its credential after it. An attempt removes only lower ones, and looks at its
 * claim before each write, so that a zombie cannot take away what its successor minted.
 */
export function addPassword(deps: ActivityDeps): Step<"addPassword"> {
  return async (_input, run: FencedRun): Promise<MintedSecret> => {
    const sealTransit = await prepareSeal(deps.keyWrapping, "transit");
    const request = await claimCredentialAttempt(deps.database, run);
    const { appObjectId } = applicationOf(request);
    const attempt = request.credentialAttempt;
    const applications = deps.applicationsOf(request.entraTenantId, Context.current().cancellationSignal);
    const requireClaim = async () => {
      const now = await requireCurrentRun(deps.database, run);
      if (now.credentialAttempt !== attempt)
        throw new CodedError("run_not_current", `credential attempt ${attempt} was overtaken`);
    };
    if (attempt > 1) await removeLowerAttempts(applications, appObjectId, run, attempt, requireClaim);
    const lifetimes = request.secretLifetimeDays === null ? lifetimesDays : [request.secretLifetimeDays];
    const added = await mint(applications, appObjectId, {
      displayName: credentialName(run, attempt),
      lifetimes,
      requireClaim,
    });
    const facts = {
      secretKeyId: added.keyId,
      secretExpiresAt: new Date(added.endDateTime).toISOString(),
    };
    const context = transitContext({
      ...run,
      entraTenantId: request.entraTenantId,
      appObjectId,
      ...facts,
    });
    return { transitSecret: sealTransit(context, added.secret), ...facts };
  };
}

/** `{requestId}.{generation}.{attempt}` */
function credentialName(run: RunRef, attempt: number): string {
  return `${markOf(run.requestId, run.generation)}.${attempt}`;
}

async function removeLowerAttempts(
  applications: GraphApplications,
  id: AppObjectId,
  run: RunRef,
  attempt: number,
  requireClaim: () => Promise<void>,
): Promise<void> {
  const application = await applications.find(id);
  if (!application) throw new CodedError("application_not_ready", "its credentials cannot be listed");
  const lower = new Set(Array.from({ length: attempt - 1 }, (_, index) => credentialName(run, index + 1)));
  for (const credential of application.passwordCredentials ?? []) {
    if (!lower.has(credential.displayName ?? "")) continue;
    await requireClaim();
    await applications.removePassword(id, credential.keyId);
  }
}

/** Asks for the longest life first; a policy's refusal is definite, so the next is asked for at once. */
async function mint(
  applications: GraphApplications,
  id: AppObjectId,
  order: { displayName: string; lifetimes: readonly number[]; requireClaim: () => Promise<void> },
): Promise<AddedPassword> {
  for (const days of order.lifetimes) {
    await order.requireClaim();
    try {
      return await applications.addPassword(id, {
        displayName: order.displayName,
        endDateTime: new Date(Date.now() + days * dayMs),
      });
    } catch (error) {
      const tooLong = error instanceof MicrosoftError && error.code === "secret_lifetime_forbidden_by_policy";
      if (!tooLong || days === order.lifetimes.at(-1)) throw error;
    }
  }
  throw new CodedError("internal", "no secret lifetime to ask for");
}
