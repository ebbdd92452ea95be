import type { z } from "zod";
import type { EntraTenantId, ServicePrincipalId } from "../domain/ids.ts";
import type { AppTokens } from "./app-token.ts";
import { type GraphClient, odataString } from "./graph-client.ts";
import { permissionGrantSchema } from "./graph-responses.schema.ts";
import type { ServicePrincipals } from "./service-principals.ts";
import { graphAppId, signInScopeIds } from "./sign-in-scopes.ts";

/** The application role that lets our app consent on the tenant's behalf; optional. */
const grantRole = "DelegatedPermissionGrant.ReadWrite.All";

interface GrantDeps {
  readonly graph: GraphClient;
  readonly principals: ServicePrincipals;
  readonly tokens: AppTokens;
  readonly tenantId: EntraTenantId;
}
const wanted = Object.keys(signInScopeIds);

/**
 * Whether all users of the tenant are consented for, by its grants; undefined where our app lacks the role to read them.
 * @see https://learn.microsoft.com/graph/api/oauth2permissiongrant-list (read November 2026)
 */
export async function readUsersGrant(deps: GrantDeps, id: ServicePrincipalId): Promise<boolean | undefined> {
  const grants = await findGrant(deps, id);
  return grants && isEnough(grants.granted);
}

/**
 * Consents to the sign-in scopes for all users of the tenant. False where our app lacks the role for it, or where
 * Microsoft refuses: users then meet the consent prompt. Repeat: finds the grant.
 * @see https://learn.microsoft.com/graph/api/oauth2permissiongrant-post (read November 2026)
 */
export async function consentForUsers(deps: GrantDeps, id: ServicePrincipalId): Promise<boolean> {
  const { graph } = deps;
  const grants = await findGrant(deps, id);
  if (!grants) return false;
  const { granted, resourceId } = grants;
  if (isEnough(granted)) return true;
  const scope = [...new Set([...scopesOf(granted), ...wanted])].filter(Boolean).join(" ");
  if (granted)
    await graph.send({ method: "PATCH", path: `/oauth2PermissionGrants/${granted.id}`, body: { scope } });
  else
    await graph.call({
      method: "POST",
      path: "/oauth2PermissionGrants",
      body: { clientId: id, consentType: "AllPrincipals", resourceId, scope },
      answer: permissionGrantSchema,
    });
  return true;
}

/** The grant for all users, if there is one; undefined where our app may not look. */
async function findGrant({ graph, principals, tokens, tenantId }: GrantDeps, id: ServicePrincipalId) {
  if (!(await tokens.holdsRole(tenantId, grantRole))) return undefined;
  const resourceId = (await principals.findServicePrincipal(graphAppId))?.id;
  if (resourceId === undefined) return undefined;
  const grants = await graph.list({
    path: "/oauth2PermissionGrants",
    filter: `clientId eq ${odataString(id)} and consentType eq 'AllPrincipals'`,
    item: permissionGrantSchema,
  });
  return { resourceId, granted: grants.find((grant) => grant.resourceId === resourceId) };
}

type Grant = z.infer<typeof permissionGrantSchema> | undefined;
const scopesOf = (grant: Grant): string[] => grant?.scope.split(" ") ?? [];
const isEnough = (grant: Grant): boolean => wanted.every((scope) => scopesOf(grant).includes(scope));
