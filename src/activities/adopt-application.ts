import { lastAccess } from "../db/connection-operations/find-operation.ts";
import { recordApplication } from "../db/connection-operations/notes.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { AppClientId, ServicePrincipalId } from "../domain/ids.ts";
import type { FencedRun, ApplicationIds, AccessChoice } from "../domain/connection-operation.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import type { ActivityDeps } from "./deps.ts";

/**
 * Takes up the connection's own application, with a service principal that works, and records both. Undefined where the
 * application is gone.
 * @throws {CodedError} application_disabled: who switched sign-in off meant it, so it is said and not undone
 */
export async function adoptApplication(
  deps: ActivityDeps,
  run: FencedRun,
  connection: SsoConnection,
  applications: GraphApplications,
): Promise<ApplicationIds | undefined> {
  // Long-lived, so no lag to fear; still asked in two ways, because giving it up changes every user's `sub`.
  const found =
    (await applications.find(connection.appObjectId)) ?? (await applications.findByAppId(connection.appId));
  if (!found) return undefined;
  const access = (): Promise<AccessChoice | undefined> => lastAccess(deps.database, connection.id);
  const servicePrincipalId = await usableServicePrincipal(found.appId, connection, applications, access);
  const ids = { appObjectId: found.id, appId: found.appId, servicePrincipalId };
  await recordApplication(deps.database, run, { ...ids, adopted: true });
  return ids;
}

/**
 * An administrator can delete the enterprise application and leave the registration: tokens are refused then
 * (AADSTS7000229) until there is another. It admits whom the customer last chose to admit.
 */
async function usableServicePrincipal(
  appId: AppClientId,
  connection: SsoConnection,
  applications: GraphApplications,
  access: () => Promise<AccessChoice | undefined>,
): Promise<ServicePrincipalId> {
  const { servicePrincipalId } = connection;
  const principal =
    (await applications.locateServicePrincipal({ appId, servicePrincipalId })) ??
    (await applications.createServicePrincipal(appId, (await access()) === "assigned"));
  if (principal.accountEnabled === false) throw new CodedError("application_disabled", principal.id);
  return principal.id;
}
