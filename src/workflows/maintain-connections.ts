import { patched, setCurrentDetails } from "@temporalio/workflow";
import type { MaintenanceActivities, UnnamedApplication } from "../domain/maintenance-activities.ts";
import { maintenanceActivities } from "./activity-options.ts";

const activities = maintenanceActivities();

export interface MaintenanceReport {
  readonly settled: number;
  readonly renewals: number;
  /** Connections whose application was looked at, and how many of them need attention. */
  readonly looked: number;
  readonly drifted: number;
  readonly tenants: number;
  /** Tenants that could not be read; their codes are in the history. */
  readonly unread: number;
  /** Rows that were forgotten; absent where that failed. */
  readonly pruned?: Awaited<ReturnType<MaintenanceActivities["pruneOld"]>>;
  /** What `ms-provision sweep` would list; nothing was deleted. */
  readonly unnamed: readonly UnnamedApplication[];
}

/** Applications that one report names; the rest is for `ms-provision sweep`. */
const namedMax = 200;

/** Looks of one pass; the rest follows in the next. */
const lookBatchesMax = 20;

/** One pass of maintenance: settle, renew what ends soon, look at connections, and through each recent tenant. */
export async function maintainConnections(): Promise<MaintenanceReport> {
  const { settled } = await activities.settleDue({});
  const { renewals } = await activities.renewDue({});
  const looks = patched("look-at-connections") ? await lookAtAll() : { looked: 0, drifted: 0 };
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
  // A database that does not forget must not hide what was found.
  const pruned = await activities.pruneOld({}).catch(() => undefined);
  setCurrentDetails(
    `Renewals begun: ${renewals.length}. Connections looked at: ${looks.looked}, need attention: ${looks.drifted}. Tenants: ${tenants.length}, not readable: ${unread}. Applications without a connection: ${unnamed.length}. Forgotten: ${pruned ? `${pruned.clicks} clicks, ${pruned.operations} operations, ${pruned.events} events` : "nothing, the database refused"}.`,
  );
  return {
    settled,
    renewals: renewals.length,
    ...looks,
    tenants: tenants.length,
    unread,
    ...(pruned ? { pruned } : {}),
    unnamed: unnamed.slice(0, namedMax),
  };
}

/** Batch by batch, until no more are due. What fails must not keep the sweep from its tenants. */
async function lookAtAll(): Promise<{ looked: number; drifted: number }> {
  const sum = { looked: 0, drifted: 0 };
  try {
    for (let batch = 0; batch < lookBatchesMax; batch += 1) {
      const { due, looked, drifted } = await activities.lookAtConnections({});
      sum.looked += looked;
      sum.drifted += drifted;
      if (due === 0) break;
    }
  } catch {
    // Its code is in the history.
  }
  return sum;
}
