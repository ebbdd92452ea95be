import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import { claimCredentialAttempt } from "../db/connection-operations/notes.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { AppObjectId } from "../domain/ids.ts";
import type { MintedSecret } from "../domain/provision-activities.ts";
import type { ConnectionOperation, FencedRun } from "../domain/connection-operation.ts";
import { credentialNameOf } from "../domain/marks.ts";
import type { AddedPassword } from "../entra/application-credentials.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
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
    const operation = await claimCredentialAttempt(deps.database, run);
    const { appObjectId } = applicationOf(operation);
    const attempt = operation.credentialAttempt;
    const applications = deps.applicationsOf(operation.entraTenantId, Context.current().cancellationSignal);
    const requireClaim = async () => {
      const now = await requireCurrentRun(deps.database, run);
      if (now.credentialAttempt !== attempt)
        throw new CodedError("run_not_current", `credential attempt ${attempt} was overtaken`);
    };
    if (attempt > 1) await removeLowerAttempts(applications, appObjectId, operation, requireClaim);
    const lifetimes = operation.secretLifetimeDays === null ? lifetimesDays : [operation.secretLifetimeDays];
    const added = await mint(applications, appObjectId, {
      displayName: credentialNameOf(operation, attempt),
      lifetimes,
      requireClaim,
    });
    const facts = {
      secretKeyId: added.keyId,
      secretExpiresAt: new Date(added.endDateTime).toISOString(),
    };
    const context = transitContext({
      ...run,
      entraTenantId: operation.entraTenantId,
      appObjectId,
      ...facts,
    });
    return { transitSecret: sealTransit(context, added.secret), ...facts };
  };
}

async function removeLowerAttempts(
  applications: GraphApplications,
  id: AppObjectId,
  operation: ConnectionOperation,
  requireClaim: () => Promise<void>,
): Promise<void> {
  const application = await applications.find(id);
  if (!application) throw new CodedError("application_not_ready", "its credentials cannot be listed");
  const lower = new Set(
    Array.from({ length: operation.credentialAttempt - 1 }, (_, index) =>
      credentialNameOf(operation, index + 1),
    ),
  );
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
