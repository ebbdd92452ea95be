import { claimDueSettles, recordSettle } from "../../db/connection-operations/settle.ts";
import { findConnection } from "../../db/sso-connections.ts";
import type { ConnectionOperation } from "../../domain/connection-operation.ts";
import type { AppObjectId } from "../../domain/ids.ts";
import type { MaintenanceActivities } from "../../domain/maintenance-activities.ts";
import type { ActivityDeps } from "../deps.ts";
import { deleteStrayApplications, removeStrayCredentials, settleHorizonMs } from "../strays.ts";

const batchMax = 20;
/** After a failed look: as long as it has been since the end, within these. */
const againAfterFailureMs = { least: 15_000, most: 5 * 60_000 };
/** Then it is left to the sweep, which reports. */
const giveUpAfterMs = 60 * 60_000;

/**
 * Looks for strays of operations that ended: 15 s after their end, and again after 5 minutes. What is left when the
 * signal comes is due again once its claim lapses.
 */
export function settleDue(deps: ActivityDeps, signal: () => AbortSignal): MaintenanceActivities["settleDue"] {
  return async () => {
    const { database, ssoOrigin } = deps;
    const due = await claimDueSettles(database, { ssoOrigin, limit: batchMax });
    let [settled, credentials, removedApplications] = [0, 0, 0];
    for (const operation of due) {
      const stopped = signal();
      try {
        const removed = await settle(deps, operation, stopped);
        credentials += removed.credentials;
        removedApplications += removed.applications.length;
        await recordSettle(database, operation, { ...removed, nextAt: nextLook(operation) });
      } catch {
        // Nothing is known of it, so nothing is given up.
        if (stopped.aborted) break;
        // Throttled, consent gone, lag: later, and not for ever.
        const sinceEndMs = Date.now() - endOf(operation);
        const { least, most } = againAfterFailureMs;
        const pauseMs = Math.min(most, Math.max(least, sinceEndMs));
        const nextAt = sinceEndMs > giveUpAfterMs ? null : new Date(Date.now() + pauseMs);
        await recordSettle(database, operation, { credentials: 0, applications: [], nextAt });
      }
      settled += 1;
    }
    return { settled, credentials, applications: removedApplications };
  };
}

async function settle(
  deps: ActivityDeps,
  operation: ConnectionOperation,
  signal: AbortSignal,
): Promise<{ credentials: number; applications: AppObjectId[] }> {
  const applications = deps.applicationsOf(operation.entraTenantId, signal);
  const until = new Date(endOf(operation) + settleHorizonMs);
  const connection = await findConnection(deps.database, operation.connectionId);
  return {
    credentials:
      connection && connection.appObjectId === operation.application?.appObjectId
        ? await removeStrayCredentials(deps, applications, connection, until)
        : 0,
    applications: await deleteStrayApplications(deps, applications, operation, until),
  };
}

const endOf = (operation: ConnectionOperation): number =>
  (operation.completedAt ?? operation.createdAt).getTime();

function nextLook(operation: ConnectionOperation): Date | null {
  const last = endOf(operation) + settleHorizonMs;
  return Date.now() < last ? new Date(last) : null;
}
