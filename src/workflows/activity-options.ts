import { type ActivityOptions, proxyActivities } from "@temporalio/workflow";
import type { Duration } from "@temporalio/common";
import type { MaintenanceActivities } from "../domain/maintenance-activities.ts";
import type { ProvisionActivities } from "../domain/provision-activities.ts";

/**
 * How long a step is retried depends on why it failed, so the activities decide that (`retryForMs` of the error
 * code) and the policies here only set the pace. Recovery from a killed worker follows the heartbeat.
 */
const pace = { initialInterval: 250, backoffCoefficient: 1.8, maximumInterval: "30s" } as const;
const heartbeatTimeout = "1700ms";

/** Microsoft: one attempt at most 30 s; the four calls of a capped secret fit into it. */
const microsoft: ActivityOptions = {
  startToCloseTimeout: "30s",
  heartbeatTimeout,
  retry: pace,
  // A cancelled run undoes only after the attempt in flight has stopped writing.
  cancellationType: "WAIT_CANCELLATION_COMPLETED",
};
/** Memory and Postgres: short attempts. */
const local: ActivityOptions = { startToCloseTimeout: "15s", heartbeatTimeout, retry: pace };
/** What the person waits for must be written in the end, however long Postgres is away. */
const withoutEnd: ActivityOptions = {
  startToCloseTimeout: "15s",
  heartbeatTimeout,
  retry: { ...pace, maximumInterval: "10s" },
};
/** The undo is given a day; then a person takes over. */
const undo: ActivityOptions = {
  ...microsoft,
  scheduleToCloseTimeout: "24h",
  retry: { ...pace, maximumInterval: "5m" },
};
/** Nobody waits for it, and the next reconnect or sweep would do it too. */
const tidy: ActivityOptions = { ...microsoft, scheduleToCloseTimeout: "10m" };

/** The activities, each with its policy and the line an operator reads beside it in Temporal's UI. */
export function provisionActivities(): ProvisionActivities {
  const proxy = (options: ActivityOptions, summary: string) =>
    proxyActivities<ProvisionActivities>({ ...options, summary });
  return {
    instantiateApplication: proxy(microsoft, "Check the issuer, create or adopt the application")
      .instantiateApplication,
    configureOidc: proxy(microsoft, "Set redirect URI, claims and access").configureOidc,
    beginRenewal: proxy(microsoft, "Look for the connection's application").beginRenewal,
    restoreApplication: proxy(microsoft, "Bring the application back").restoreApplication,
    removeApplication: proxy(undo, "Remove credentials and application").removeApplication,
    recordDisconnected: proxy(withoutEnd, "Record what was removed").recordDisconnected,
    changeAccess: proxy(microsoft, "Set who may use the application").changeAccess,
    recordAccess: proxy(withoutEnd, "Record who may sign in").recordAccess,
    releaseAccess: proxy(microsoft, "Remove our app from the directory").releaseAccess,
    recordReleased: proxy(withoutEnd, "Record that the access is released").recordReleased,
    addPassword: proxy(microsoft, "Mint the client secret").addPassword,
    sealSecret: proxy(local, "Seal the client secret for storage").sealSecret,
    proveSecret: proxy(microsoft, "Have Microsoft accept the new secret").proveSecret,
    upsertConnection: proxy(withoutEnd, "Write the active connection").upsertConnection,
    removeSupersededCredentials: proxy(tidy, "Remove credentials no longer in use")
      .removeSupersededCredentials,
    recordFailure: proxy(withoutEnd, "Record the failure, close the fence").recordFailure,
    deleteOrphanedApplication: proxy(undo, "Delete what this run created").deleteOrphanedApplication,
    recordCleanupNeedsOperator: proxy(withoutEnd, "Hand the clean-up to a person").recordCleanupNeedsOperator,
  };
}

/** Maintenance: nobody waits, and the next pass does what this one could not. */
export function maintenanceActivities(): MaintenanceActivities {
  const proxy = (startToCloseTimeout: Duration, summary: string) =>
    proxyActivities<MaintenanceActivities>({
      startToCloseTimeout,
      scheduleToCloseTimeout: "10m",
      heartbeatTimeout: "10s",
      retry: { ...pace, maximumInterval: "1m" },
      summary,
    });
  return {
    settleDue: proxy("3m", "Remove strays of operations that ended").settleDue,
    renewDue: proxy("1m", "Begin renewals of secrets that end soon").renewDue,
    lookAtConnections: proxy("5m", "Look whether applications are as they were left").lookAtConnections,
    listTenants: proxy("30s", "List the tenants to look through").listTenants,
    sweepTenant: proxy("2m", "Look for applications without a connection").sweepTenant,
    pruneOld: proxy("5m", "Forget what ended long ago").pruneOld,
  };
}
