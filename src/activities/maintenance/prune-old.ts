import { makePartitionsAhead } from "../../db/audit-partitions.ts";
import { pruneEnded } from "../../db/prune.ts";
import type { MaintenanceActivities } from "../../domain/maintenance-activities.ts";
import type { ActivityDeps } from "../deps.ts";

const dayMs = 86_400_000;

/** Forgets what ended longer ago than it is kept, and makes room in the audit trail for the months to come. */
export function pruneOld({ database, retention }: ActivityDeps): MaintenanceActivities["pruneOld"] {
  const daysAgo = (days: number | undefined): Date | undefined =>
    days === undefined ? undefined : new Date(Date.now() - days * dayMs);
  return async () => {
    await makePartitionsAhead(database);
    return pruneEnded(database, {
      endedBefore: daysAgo(retention.clickDays),
      toldBefore: daysAgo(retention.eventDays),
    });
  };
}
