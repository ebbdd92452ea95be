import { randomUUID } from "node:crypto";
import {
  grantFor,
  type SimulatedApplication,
  type SimulatedGrant,
  type SimulatedTenant,
  withdrawConsent,
} from "./directory.ts";
import { credentialView, noSuchPassword, without } from "./credential-routes.ts";
import { denied, type GraphRoute, notFound } from "./graph-route.ts";
import { graphError, type World } from "./world.ts";

const graphAppId = "00000003-0000-0000-c000-000000000000";

/** Service principals, which the portal calls enterprise applications, and the consents that belong to them. */
export function servicePrincipalRoutes(world: World, route: GraphRoute): void {
  const isVisible = (one: SimulatedApplication, lagMs: number): boolean =>
    one.deletedMs === null &&
    one.servicePrincipalDeletedMs === null &&
    Date.now() - one.servicePrincipalMadeMs >= lagMs;
  const byId = (tenant: SimulatedTenant, id: string): SimulatedApplication | undefined =>
    tenant.applications.find(
      (one) => one.servicePrincipalId === id && isVisible(one, world.realism.servicePrincipalLagMs),
    );

  route("get", "/servicePrincipals", "listServicePrincipals", ({ tenant, filter }) => {
    const appId = /^appId eq '([^']*)'$/.exec(filter)?.[1];
    if (appId === graphAppId)
      return Response.json({
        value: [{ id: tenant.graphPrincipalId, appId: graphAppId, accountEnabled: true }],
      });
    if (appId === world.provisioningApp.clientId)
      return Response.json({
        value:
          tenant.consentedMs === null ? [] : [{ id: tenant.ownPrincipalId, appId, accountEnabled: true }],
      });
    const lagMs = Math.max(world.realism.servicePrincipalLagMs, world.realism.listLagMs);
    const value = tenant.applications.filter((one) => one.appId === appId && isVisible(one, lagMs)).map(view);
    return Response.json({ value });
  });

  route("get", "/servicePrincipals/:id", "getServicePrincipal", ({ tenant, id }) => {
    const found = byId(tenant, id);
    return found ? Response.json(view(found)) : notFound(id);
  });

  route("post", "/servicePrincipals", "createServicePrincipal", ({ tenant, body }) => {
    const found = tenant.applications.find((one) => one.appId === body["appId"] && one.deletedMs === null);
    if (!found)
      return graphError(
        400,
        "NoBackingApplicationObject",
        `The appId '${String(body["appId"])}' of the service principal does not reference a valid application object.`,
      );
    if (found.servicePrincipalDeletedMs === null)
      return graphError(
        409,
        "Request_MultipleObjectsWithSameKeyValue",
        `The service principal cannot be created, updated, or restored because the service principal name ${found.appId} is already in use.`,
      );
    found.servicePrincipalId = randomUUID();
    found.servicePrincipalMadeMs = Date.now();
    found.servicePrincipalDeletedMs = null;
    found.servicePrincipalTags = (body["tags"] ?? []) as string[];
    found.servicePrincipalCredentials = [];
    found.servicePrincipalKeys = [];
    found.disabled = false;
    found.appRoleAssignmentRequired = body["appRoleAssignmentRequired"] === true;
    return Response.json(view(found), { status: 201 });
  });

  route("patch", "/servicePrincipals/:id", "patchServicePrincipal", ({ tenant, id, body }) => {
    const found = byId(tenant, id);
    if (!found) return notFound(id);
    if ("passwordCredentials" in body)
      return graphError(400, "Request_BadRequest", "Property 'passwordCredentials' is read-only here.");
    if (typeof body["appRoleAssignmentRequired"] === "boolean")
      found.appRoleAssignmentRequired = body["appRoleAssignmentRequired"];
    if (Array.isArray(body["keyCredentials"])) found.servicePrincipalKeys = body["keyCredentials"];
    return new Response(null, { status: 204 });
  });

  route(
    "post",
    "/servicePrincipals/:id/removePassword",
    "removePrincipalPassword",
    ({ tenant, id, body }) => {
      const found = byId(tenant, id);
      if (!found) return notFound(id);
      const kept = without(found.servicePrincipalCredentials, body["keyId"]);
      if (!kept) return noSuchPassword();
      found.servicePrincipalCredentials = kept;
      return new Response(null, { status: 204 });
    },
  );

  route("delete", "/servicePrincipals/:id", "deleteServicePrincipal", ({ tenant, id }) => {
    const found = byId(tenant, id);
    if (found) found.servicePrincipalDeletedMs = Date.now();
    else if (tenant.consentedMs !== null && id === tenant.ownPrincipalId) withdrawConsent(tenant);
    else return notFound(id);
    return new Response(null, { status: 204 });
  });

  const mayGrant = (): boolean => world.realism.appRoles.includes("DelegatedPermissionGrant.ReadWrite.All");

  route("get", "/oauth2PermissionGrants", "listGrants", ({ tenant, filter }) => {
    if (!mayGrant()) return denied();
    const clientId = /^clientId eq '([^']*)' and consentType eq 'AllPrincipals'$/.exec(filter)?.[1];
    const one = tenant.applications.find(({ servicePrincipalId }) => servicePrincipalId === clientId);
    const value = one
      ? one.grants
          .filter(({ principalId }) => principalId === null)
          .map((grant) => grantView(tenant, one, grant))
      : [];
    return Response.json({ value });
  });

  route("post", "/oauth2PermissionGrants", "createGrant", ({ tenant, body }) => {
    if (!mayGrant()) return denied();
    const one = tenant.applications.find(({ servicePrincipalId }) => servicePrincipalId === body["clientId"]);
    if (!one || body["resourceId"] !== tenant.graphPrincipalId) return notFound(String(body["clientId"]));
    const grant = { ...grantFor(null), scope: String(body["scope"]) };
    one.grants.push(grant);
    return Response.json(grantView(tenant, one, grant), { status: 201 });
  });
}

function view(one: SimulatedApplication): Record<string, unknown> {
  return {
    id: one.servicePrincipalId,
    appId: one.appId,
    displayName: one.properties["displayName"],
    accountEnabled: !one.disabled,
    appRoleAssignmentRequired: one.appRoleAssignmentRequired,
    servicePrincipalType: "Application",
    tags: one.servicePrincipalTags,
    passwordCredentials: one.servicePrincipalCredentials.map(credentialView),
    keyCredentials: one.servicePrincipalKeys,
  };
}

function grantView(tenant: SimulatedTenant, one: SimulatedApplication, grant: SimulatedGrant): object {
  return {
    id: grant.id,
    clientId: one.servicePrincipalId,
    consentType: grant.principalId === null ? "AllPrincipals" : "Principal",
    principalId: grant.principalId,
    resourceId: tenant.graphPrincipalId,
    scope: grant.scope,
  };
}
