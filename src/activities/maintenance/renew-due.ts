import { issueRenewal, listDueRenewals } from "../../db/connection-operations/renewals.ts";
import type { ConnectionId } from "../../domain/ids.ts";
import type { MaintenanceActivities } from "../../domain/maintenance-activities.ts";
import type { ActivityDeps } from "../deps.ts";

/** Renewals of one pass; the rest follows in the next. */
const batchMax = 100;

/** Writes a renewal for each connection whose secret ends soon. */
export function renewDue({ database, ssoOrigin }: ActivityDeps): MaintenanceActivities["renewDue"] {
  return async () => {
    const renewals: ConnectionId[] = [];
    for (const connection of await listDueRenewals(database, { ssoOrigin, limit: batchMax }))
      if (await issueRenewal(database, connection, ssoOrigin)) renewals.push(connection.id);
    return { renewals };
  };
}
