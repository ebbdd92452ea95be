import { claimDueLooks, type DueLook, recordLook, recordUnread } from "../../db/connection-health.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { EntraTenantId } from "../../domain/ids.ts";
import type { MaintenanceActivities } from "../../domain/maintenance-activities.ts";
import { judgeDrift } from "../../entra/judge-drift.ts";
import type { ActivityDeps } from "../deps.ts";
import { monotonicMs } from "../../domain/monotonic-ms.ts";

/** Of one call, one after the other: a few calls to Microsoft each. */
const batchMax = 50;
/** Within the time that the workflow gives; what is left is due again in an hour. */
const workMs = 2 * 60_000;

/**
 * Looks whether applications of live connections are as they were left, and notes what is not. Changes nothing at
 * Microsoft. A tenant that cannot be read costs one look: its other connections wait, and other tenants go on.
 */
export function lookAtConnections(
  deps: ActivityDeps,
  signal: () => AbortSignal,
): MaintenanceActivities["lookAtConnections"] {
  return async () => {
    const { database, ssoOrigin } = deps;
    const endMs = monotonicMs() + workMs;
    const due = await claimDueLooks(database, { ssoOrigin, limit: batchMax });
    const unreadTenants = new Map<EntraTenantId, ErrorCode>();
    let [looked, unread, drifted] = [0, 0, 0];
    for (const one of due) {
      if (monotonicMs() > endMs) break;
      const { id, entraTenantId } = one.connection;
      const code = unreadTenants.get(entraTenantId) ?? (await look(deps, one, signal()));
      if (typeof code === "string") {
        if (!isOfOneApplication(code)) unreadTenants.set(entraTenantId, code);
        await recordUnread(database, id, code);
        unread += 1;
        // Every tenant would say the same.
        if (code === "provisioning_credential_refused") return { due: 0, looked, unread, drifted };
      } else {
        looked += 1;
        drifted += code;
      }
    }
    return { due: due.length, looked, unread, drifted };
  };
}

/** @returns 1 where something needs attention, 0 where all is well; or why it is not known */
async function look(deps: ActivityDeps, due: DueLook, signal: AbortSignal): Promise<0 | 1 | ErrorCode> {
  const { connection } = due;
  try {
    const applications = deps.applicationsOf(connection.entraTenantId, signal);
    // What a token of before the release still reads is no sign that we have the access again.
    if (connection.accessReleasedAt !== null) await applications.prepareAnew();
    const snapshot = await applications.inspect(connection);
    const seen = judgeDrift(snapshot, connection);
    const { isConsentedForAll } = snapshot;
    const unknown = snapshot.federated === undefined ? (["credential_foreign"] as const) : [];
    const findings = await recordLook(deps.database, due, { seen, unknown, isConsentedForAll });
    return findings && findings.reasons.length > 0 ? 1 : 0;
  } catch (error) {
    // A pass that is stopped says nothing about Microsoft.
    if (signal.aborted || !(error instanceof CodedError)) throw error;
    return error.code;
  }
}

/** Says nothing about the tenant's other applications. */
const isOfOneApplication = (code: ErrorCode): boolean => code === "application_not_ready";
