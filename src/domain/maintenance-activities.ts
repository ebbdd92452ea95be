import type { AppClientId, AppObjectId, ConnectionId, EntraTenantId, ProvisionRequestId } from "./ids.ts";

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
  /** The request whose mark it bears, where one can be read. */
  readonly requestId: ProvisionRequestId | null;
}

/** What maintenance does. Each is safe to repeat and to run in several workers at once: the rows decide. */
export interface MaintenanceActivities {
  /** Removes strays of requests that ended some seconds or minutes ago. */
  settleDue(input: Record<string, never>): Promise<{
    readonly settled: number;
    readonly credentials: number;
    readonly applications: number;
  }>;
  /** Writes a renewal request for each connection whose secret ends soon; the reconciler starts them. */
  renewDue(input: Record<string, never>): Promise<{ readonly renewals: readonly ConnectionId[] }>;
  /** Lists tenants to sweep. */
  listTenants(input: Record<string, never>): Promise<{ readonly tenants: readonly EntraTenantId[] }>;
  /** Reports applications of one tenant that no row names. Deletes nothing. */
  sweepTenant(input: { readonly entraTenantId: EntraTenantId }): Promise<{
    readonly unnamed: readonly UnnamedApplication[];
  }>;
}
