import type { AppClientId, AppObjectId, ConnectionId, EntraTenantId } from "./ids.ts";
import type { MarkOwner } from "./marks.ts";

/** The one schedule of a namespace, and the workflow that it runs. */
export const maintenanceScheduleId = "ms-maintenance";
export const maintenanceWorkflowType = "maintainConnections";

/** An application that bears our mark and that no row names. */
export interface UnnamedApplication {
  readonly entraTenantId: EntraTenantId;
  readonly appObjectId: AppObjectId;
  readonly appId: AppClientId;
  readonly displayName: string;
  /** ISO-8601 UTC. */
  readonly createdAt: string | null;
  /** The click or operation whose mark it bears, where one can be read. */
  readonly owner: MarkOwner | null;
}

/** What maintenance does. Each is safe to repeat and to run in several workers at once: the rows decide. */
export interface MaintenanceActivities {
  /** Removes strays of operations that ended some seconds or minutes ago. */
  settleDue(input: Record<string, never>): Promise<{
    readonly settled: number;
    readonly credentials: number;
    readonly applications: number;
  }>;
  /** Writes a renewal for each connection whose secret ends soon; the reconciler starts them. */
  renewDue(input: Record<string, never>): Promise<{ readonly renewals: readonly ConnectionId[] }>;
  /**
   * Looks at the applications of some connections that nobody has looked at for a day, and notes what was changed there.
   * Changes nothing at Microsoft. `due`: how many were taken; as many as fit, where more are due.
   */
  lookAtConnections(input: Record<string, never>): Promise<{
    readonly due: number;
    readonly looked: number;
    /** Microsoft did not tell; the codes are in the rows. */
    readonly unread: number;
    /** Of those looked at, how many need attention. */
    readonly drifted: number;
  }>;
  /** Lists tenants to sweep. */
  listTenants(input: Record<string, never>): Promise<{ readonly tenants: readonly EntraTenantId[] }>;
  /** Reports applications of one tenant that no row names. Deletes nothing. */
  sweepTenant(input: { readonly entraTenantId: EntraTenantId }): Promise<{
    readonly unnamed: readonly UnnamedApplication[];
  }>;
  /** Forgets clicks, operations and events that ended longer ago than they are kept. */
  pruneOld(input: Record<string, never>): Promise<{
    readonly operations: number;
    readonly clicks: number;
    readonly events: number;
  }>;
}
