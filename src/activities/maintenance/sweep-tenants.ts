import {
  listNamedApplications,
  listRecentTenants,
  listUnfinishedOwners,
} from "../../db/connection-operations/sweep.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { MaintenanceActivities, UnnamedApplication } from "../../domain/maintenance-activities.ts";
import { markOwnerIn } from "../../domain/marks.ts";
import { cleanDisplay } from "../../domain/text.ts";
import type { GraphApplication } from "../../entra/graph-responses.schema.ts";
import type { ActivityDeps } from "../deps.ts";

/** It goes into Temporal's history and onto operators' terminals; in the customer's tenant anybody may write it. */
const displayUnitsMax = 120;

export function listTenants({ database }: ActivityDeps): MaintenanceActivities["listTenants"] {
  return async () => ({ tenants: await listRecentTenants(database) });
}

/** Looks through a tenant that is ours to look at: whoever schedules this by hand may name any. */
export function sweepKnownTenant(
  deps: ActivityDeps,
  signal: () => AbortSignal,
): MaintenanceActivities["sweepTenant"] {
  return async ({ entraTenantId }) => {
    const known = await listRecentTenants(deps.database);
    if (!known.includes(entraTenantId)) throw new CodedError("not_found", "no tenant of a connection");
    return sweepTenant(deps, signal)({ entraTenantId });
  };
}

/**
 * Applications that bear our mark and whose object id no row names. Judged by object id: a restored database names
 * older applications, and its operations may be missing. The sweep reports and deletes nothing.
 */
export function sweepTenant(
  deps: ActivityDeps,
  signal: () => AbortSignal,
): MaintenanceActivities["sweepTenant"] {
  return async ({ entraTenantId }) => {
    const ours = (await deps.applicationsOf(entraTenantId, signal()).listOurs()).filter(
      (app) => !app.createdByAppId || app.createdByAppId === deps.provisioningClientId,
    );
    // Asked after the list was taken: what is on it and gets its name meanwhile is named here.
    const named = await listNamedApplications(deps.database, entraTenantId);
    const unfinished = await listUnfinishedOwners(deps.database, entraTenantId);
    const unnamed = ours
      .filter((app) => !named.has(app.id))
      .map((app) => describe(entraTenantId, app))
      .filter(({ owner }) => owner === null || !unfinished.has(owner));
    return { unnamed };
  };
}

function describe(
  entraTenantId: UnnamedApplication["entraTenantId"],
  app: GraphApplication,
): UnnamedApplication {
  const owner = [...(app.tags ?? []), app.displayName ?? ""]
    .map(markOwnerIn)
    .find((found) => found !== undefined);
  return {
    entraTenantId,
    appObjectId: app.id,
    appId: app.appId,
    displayName: cleanDisplay(app.displayName ?? "", displayUnitsMax),
    createdAt: app.createdDateTime ?? null,
    owner: owner ?? null,
  };
}
