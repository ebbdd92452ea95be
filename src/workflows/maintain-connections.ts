import { setCurrentDetails } from "@temporalio/workflow";
import type { UnnamedApplication } from "../domain/maintenance-activities.ts";
import { maintenanceActivities } from "./activity-options.ts";

const activities = maintenanceActivities();

export interface MaintenanceReport {
  readonly settled: number;
  readonly renewals: number;
  readonly tenants: number;
  /** Tenants that could not be read; their codes are in the history. */
  readonly unread: number;
  /** What `ms-provision sweep` would list; nothing was deleted. */
  readonly unnamed: readonly UnnamedApplication[];
}

/** Applications that one report names; the rest is for `ms-provision sweep`. */
const namedMax = 200;

/** One pass of maintenance: settle, renew what ends soon, and look through each recent tenant. */
export async function maintainConnections(): Promise<MaintenanceReport> {
  const { settled } = await activities.settleDue({});
  const { renewals } = await activities.renewDue({});
  const { tenants } = await activities.listTenants({});
  const unnamed: UnnamedApplication[] = [];
  let unread = 0;
  for (const entraTenantId of tenants) {
    try {
      unnamed.push(...(await activities.sweepTenant({ entraTenantId })).unnamed);
    } catch {
      // A tenant whose consent is gone must not keep the others from being looked at.
      unread += 1;
    }
  }
  setCurrentDetails(
    `Renewals begun: ${renewals.length}. Tenants: ${tenants.length}, not readable: ${unread}. Applications without a connection: ${unnamed.length}.`,
  );
  return {
    settled,
    renewals: renewals.length,
    tenants: tenants.length,
    unread,
    unnamed: unnamed.slice(0, namedMax),
  };
}
