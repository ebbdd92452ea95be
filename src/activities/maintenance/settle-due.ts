import type { CurrentRequest } from "../../db/provision-requests/run.ts";
import { claimDueSettles, recordSettle } from "../../db/provision-requests/settle.ts";
import { findConnection } from "../../db/sso-connections.ts";
import type { AppObjectId } from "../../domain/ids.ts";
import type { MaintenanceActivities } from "../../domain/maintenance-activities.ts";
import type { ActivityDeps } from "../deps.ts";
import { deleteStrayApplications, removeStrayCredentials, settleHorizonMs } from "../strays.ts";

const batchMax = 20;
/** After a failed look: as long as it has been since the end, within these. */
const againAfterFailureMs = { least: 15_000, most: 5 * 60_000 };
/** Then it is left to the sweep, which reports. */
const giveUpAfterMs = 60 * 60_000;

/** Looks for strays of requests that ended: 15 s after their end, and again after 5 minutes. */
export function settleDue(deps: ActivityDeps, signal: () => AbortSignal): MaintenanceActivities["settleDue"] {
  return async () => {
    const { database, ssoOrigin } = deps;
    const due = await claimDueSettles(database, { ssoOrigin, limit: batchMax });
    let [credentials, removedApplications] = [0, 0];
    for (const request of due) {
      try {
        const removed = await settle(deps, request, signal());
        credentials += removed.credentials;
        removedApplications += removed.applications.length;
        await recordSettle(database, request, { ...removed, nextAt: nextLook(request) });
      } catch {
        // Throttled, consent gone, lag: later, and not for ever.
        const sinceEndMs = Date.now() - endOf(request);
        const { least, most } = againAfterFailureMs;
        const pauseMs = Math.min(most, Math.max(least, sinceEndMs));
        const nextAt = sinceEndMs > giveUpAfterMs ? null : new Date(Date.now() + pauseMs);
        await recordSettle(database, request, { credentials: 0, applications: [], nextAt });
      }
    }
    return { settled: due.length, credentials, applications: removedApplications };
  };
}

async function settle(
  deps: ActivityDeps,
  request: CurrentRequest,
  signal: AbortSignal,
): Promise<{ credentials: number; applications: AppObjectId[] }> {
  const applications = deps.applicationsOf(request.entraTenantId, signal);
  const until = new Date(endOf(request) + settleHorizonMs);
  const connection =
    request.status === "succeeded" || request.kind === "renewal"
      ? await findConnection(deps.database, request.connectionId)
      : undefined;
  return {
    credentials:
      connection?.appObjectId === request.appObjectId && connection
        ? await removeStrayCredentials(deps, applications, connection, until)
        : 0,
    applications: await deleteStrayApplications(deps, applications, request, until),
  };
}

const endOf = (request: CurrentRequest): number => (request.completedAt ?? request.createdAt).getTime();

function nextLook(request: CurrentRequest): Date | null {
  const last = endOf(request) + settleHorizonMs;
  return Date.now() < last ? new Date(last) : null;
}
