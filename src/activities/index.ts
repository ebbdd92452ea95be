import { Context } from "@temporalio/activity";
import type { ProvisionActivities } from "../domain/provision-activities.ts";
import { addPassword } from "./add-password.ts";
import { configureOidc } from "./configure-oidc.ts";
import { deleteOrphanedApplication } from "./delete-orphaned-application.ts";
import type { ActivityDeps } from "./deps.ts";
import { discoverIssuer } from "./discover-issuer.ts";
import { toApplicationFailure } from "./failures.ts";
import { instantiateApplication } from "./instantiate-application.ts";
import { proveSecret } from "./prove-secret.ts";
import { recordCleanupNeedsOperator, recordFailure } from "./record-failure.ts";
import { removeSupersededCredentials } from "./remove-superseded-credentials.ts";
import { sealSecret } from "./seal-secret.ts";
import { upsertConnection } from "./upsert-connection.ts";

export function createProvisionActivities(deps: ActivityDeps): ProvisionActivities {
  return {
    discoverIssuer: guarded(discoverIssuer(deps)),
    instantiateApplication: guarded(instantiateApplication(deps)),
    configureOidc: guarded(configureOidc(deps)),
    addPassword: guarded(addPassword(deps)),
    sealSecret: guarded(sealSecret(deps)),
    proveSecret: guarded(proveSecret(deps)),
    upsertConnection: guarded(upsertConnection(deps)),
    removeSupersededCredentials: guarded(removeSupersededCredentials(deps)),
    recordFailure: guarded(recordFailure(deps)),
    deleteOrphanedApplication: guarded(deleteOrphanedApplication(deps)),
    recordCleanupNeedsOperator: guarded(recordCleanupNeedsOperator(deps)),
  };
}

/** Well below the heartbeat timeout of `workflows/activity-options.ts`, so that a dead worker is noticed and a live one is not. */
const heartbeatEveryMs = 1000;

/** Heartbeats while an activity runs and lets nothing but a typed failure out of it. */
function guarded<I, O>(activity: (input: I) => Promise<O>): (input: I) => Promise<O> {
  return async (input) => {
    const context = Context.current();
    const startedMs = context.info.scheduledTimestampMs;
    const heart = setInterval(() => context.heartbeat(), heartbeatEveryMs);
    try {
      return await activity(input);
    } catch (error) {
      throw toApplicationFailure(error, Date.now() - startedMs);
    } finally {
      clearInterval(heart);
    }
  };
}
