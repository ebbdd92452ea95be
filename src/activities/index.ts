import { Context } from "@temporalio/activity";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { MaintenanceActivities } from "../domain/maintenance-activities.ts";
import type { ProvisionActivities } from "../domain/provision-activities.ts";
import type { FencedRun, RunRef } from "../domain/connection-operation.ts";
import { DatabaseError } from "../db/database-error.ts";
import { addPassword } from "./add-password.ts";
import { beginRenewal } from "./begin-renewal.ts";
import { changeAccess, recordAccess } from "./change-access.ts";
import { configureOidc } from "./configure-oidc.ts";
import { deleteOrphanedApplication } from "./delete-orphaned-application.ts";
import type { ActivityDeps } from "./deps.ts";
import { codeOf, type Patience, toApplicationFailure } from "./failures.ts";
import { fenced, requireWorkflow } from "./fence.ts";
import { instantiateApplication } from "./instantiate-application.ts";
import { lookAtConnections } from "./maintenance/look-at-connections.ts";
import { pruneOld } from "./maintenance/prune-old.ts";
import { renewDue } from "./maintenance/renew-due.ts";
import { settleDue } from "./maintenance/settle-due.ts";
import { listTenants, sweepKnownTenant } from "./maintenance/sweep-tenants.ts";
import { observed } from "./observed.ts";
import { proveSecret } from "./prove-secret.ts";
import { recordCleanupNeedsOperator, recordFailure } from "./record-failure.ts";
import { recordDisconnected, removeApplication } from "./remove-application.ts";
import { recordReleased, releaseAccess } from "./release-access.ts";
import { removeSupersededCredentials } from "./remove-superseded-credentials.ts";
import { restoreApplication } from "./restore-application.ts";
import { sealSecret } from "./seal-secret.ts";
import { upsertConnection } from "./upsert-connection.ts";

export function createProvisionActivities(deps: ActivityDeps): ProvisionActivities {
  const step = <I extends RunRef, O>(one: (input: I, run: FencedRun) => Promise<O>, patience?: Patience) =>
    guarded(deps, fenced(deps.ssoOrigin, one), patience);
  return {
    instantiateApplication: step(instantiateApplication(deps)),
    configureOidc: step(configureOidc(deps)),
    beginRenewal: step(beginRenewal(deps)),
    restoreApplication: step(restoreApplication(deps)),
    removeApplication: step(removeApplication(deps), ofAnOldConsent),
    recordDisconnected: step(recordDisconnected(deps), untilWritten),
    changeAccess: step(changeAccess(deps)),
    recordAccess: step(recordAccess(deps), untilWritten),
    releaseAccess: step(releaseAccess(deps), ofAnOldConsent),
    recordReleased: step(recordReleased(deps), untilWritten),
    addPassword: step(addPassword(deps)),
    sealSecret: step(sealSecret(deps)),
    proveSecret: step(proveSecret(deps)),
    upsertConnection: step(upsertConnection(deps), untilWritten),
    removeSupersededCredentials: step(removeSupersededCredentials(deps), withoutAPerson),
    recordFailure: step(recordFailure(deps), untilWritten),
    deleteOrphanedApplication: step(deleteOrphanedApplication(deps), withoutAPerson),
    recordCleanupNeedsOperator: step(recordCleanupNeedsOperator(deps), untilWritten),
  };
}

export function createMaintenanceActivities(deps: ActivityDeps): MaintenanceActivities {
  const signal = (): AbortSignal => Context.current().cancellationSignal;
  const inWorkflow = <I, O>(activity: (input: I) => Promise<O>) =>
    guarded(deps, async (input: I) => {
      requireWorkflow();
      return activity(input);
    });
  return {
    settleDue: inWorkflow(settleDue(deps, signal)),
    renewDue: inWorkflow(renewDue(deps)),
    lookAtConnections: inWorkflow(lookAtConnections(deps, signal)),
    listTenants: inWorkflow(listTenants(deps)),
    sweepTenant: inWorkflow(sweepKnownTenant(deps, signal)),
    pruneOld: inWorkflow(pruneOld(deps)),
  };
}

/** Well below the heartbeat timeout of `workflows/activity-options.ts`, so that a dead worker is noticed and a live one is not. */
const heartbeatEveryMs = 300;

/** The cause that a step is failing for, kept across its attempts. */
interface Trouble {
  readonly code: ErrorCode;
  readonly sinceMs: number;
}

/** Nobody waits for these, and what they leave behind stays in the customer's tenant. */
const withoutAPerson: Patience = { permission_not_effective: 15 * 60_000 };

/** The consent is old, so that one which is missing was withdrawn, and does not spread just now. */
const ofAnOldConsent: Patience = { ...withoutAPerson, consent_not_effective: 20_000 };

/** An outcome must be written in the end, however long the database does not take it. */
const untilWritten: Patience = { database_unavailable: Infinity, database_refused: Infinity };

/** Heartbeats while an activity runs, lets nothing but a typed failure out of it, and has each attempt observed. */
function guarded<I, O>(
  deps: ActivityDeps,
  activity: (input: I) => Promise<O>,
  patience?: Patience,
): (input: I) => Promise<O> {
  return observed(deps.telemetry, async (input) => {
    const context = Context.current();
    const before = context.info.heartbeatDetails as Trouble | undefined;
    const heart = setInterval(() => context.heartbeat(before), heartbeatEveryMs);
    try {
      return await activity(input);
    } catch (error) {
      const code = codeOf(error);
      const now = Date.now();
      // The time for a cause runs from its first attempt; another cause in between starts it anew.
      const trouble: Trouble = before?.code === code ? before : { code, sinceMs: now };
      context.heartbeat(trouble);
      if (error instanceof DatabaseError && error.isRefusal)
        context.log.error(`the database refuses a statement (${error.code}); the step waits`);
      const time = {
        sameCauseMs: (now - trouble.sinceMs) * (deps.pace?.budgetFactor ?? 1),
        elapsedMs: now - context.info.scheduledTimestampMs,
        retryDelayMs: deps.pace?.retryDelayMs,
      };
      throw toApplicationFailure(error, time, patience);
    } finally {
      clearInterval(heart);
    }
  });
}
