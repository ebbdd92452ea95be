import type { Hono } from "hono";
import { customTemplateId, newApplication, type SimulatedApplication } from "./directory.ts";
import { denied, graphRouter, notFound } from "./graph-route.ts";
import { tooLong } from "./limits.ts";
import { credentialRoutes, credentialView, type WithApplication } from "./credential-routes.ts";
import { servicePrincipalRoutes } from "./service-principal-routes.ts";
import { graphError, type SimulatorEnv, type World } from "./world.ts";

const dayMs = 24 * 60 * 60_000;

/** The part of Microsoft Graph v1.0 that this flow meets. */
export function graphRoutes(world: World): Hono<SimulatorEnv> {
  const { app, route } = graphRouter(world);
  servicePrincipalRoutes(world, route);

  const age = (ms: number): number => Date.now() - ms;
  const isLive = (found: SimulatedApplication, lagMs: number): boolean =>
    age(found.createdMs) >= lagMs &&
    (found.deletedMs === null || age(found.deletedMs) < world.realism.deletionLagMs);

  const withApplication: WithApplication = (tenant, id, work) => {
    const found = tenant.applications.find((application) => application.id === id);
    if (!found || !isLive(found, world.realism.applicationLagMs)) return notFound(id);
    return work(found);
  };
  /** Ownership of what was just made spreads slowly. */
  const withOwnApplication: WithApplication = (tenant, id, work) =>
    withApplication(tenant, id, (found) =>
      age(found.createdMs) < world.realism.permissionLagMs ? denied() : work(found),
    );

  route("post", "/applicationTemplates/:id/instantiate", "instantiate", ({ tenant, id, body }) => {
    if (id !== customTemplateId) return notFound(id);
    if (typeof body["displayName"] !== "string")
      return graphError(400, "Request_BadRequest", "displayName is required.");
    const refusal = tooLong(body, 90);
    if (refusal !== undefined) return graphError(400, "Request_BadRequest", refusal);
    const made = newApplication(body["displayName"], world.provisioningApp.clientId);
    tenant.applications.push(made);
    return Response.json(
      {
        "@odata.context":
          "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.applicationServicePrincipal",
        application: view(made, 0),
        servicePrincipal: {
          id: made.servicePrincipalId,
          appId: made.appId,
          displayName: body["displayName"],
          appRoleAssignmentRequired: true,
          servicePrincipalType: "Application",
          tags: ["WindowsAzureActiveDirectoryIntegratedApp"],
        },
      },
      { status: 201 },
    );
  });

  route("get", "/applications/:id", "getApplication", ({ tenant, id }) =>
    withApplication(tenant, id, (found) => Response.json(view(found, world.realism.credentialLagMs))),
  );

  route("get", "/applications", "listApplications", ({ tenant, filter }) => {
    const matches = parseFilter(filter);
    if (!matches)
      return graphError(400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause.");
    const value = tenant.applications
      .filter((one) => isLive(one, world.realism.listLagMs) && matches(one))
      .map((one) => view(one, world.realism.credentialLagMs));
    return Response.json({ value });
  });

  route("patch", "/applications/:id", "patchApplication", ({ tenant, id, body }) =>
    withOwnApplication(tenant, id, (found) => {
      const unknown = Object.keys(body).find((name) => !(name in found.properties));
      if (unknown !== undefined)
        return graphError(
          400,
          "Request_BadRequest",
          `Property '${unknown}' does not exist or is not writable here.`,
        );
      const refusal = tooLong(body, 120);
      if (refusal !== undefined) return graphError(400, "Request_BadRequest", refusal);
      found.properties = { ...found.properties, ...body };
      return new Response(null, { status: 204 });
    }),
  );

  route("delete", "/applications/:id", "deleteApplication", ({ tenant, id }) =>
    withOwnApplication(tenant, id, (found) => {
      if (found.deletedMs !== null) return notFound(id);
      found.deletedMs = Date.now();
      found.servicePrincipalDeletedMs ??= found.deletedMs;
      return new Response(null, { status: 204 });
    }),
  );

  route("post", "/directory/deletedItems/:id/restore", "restoreDeleted", ({ tenant, id }) => {
    const isRestorable = (ms: number | null): boolean =>
      ms !== null && age(ms) >= world.realism.deletionLagMs && age(ms) < 30 * dayMs;
    const application = tenant.applications.find((one) => one.id === id);
    if (application && isRestorable(application.deletedMs)) {
      // The service principal stays deleted: it is restored by a call of its own.
      application.deletedMs = null;
      return Response.json({ "@odata.type": "#microsoft.graph.application", ...view(application, 0) });
    }
    const owner = tenant.applications.find((one) => one.servicePrincipalId === id);
    if (!owner || owner.deletedMs !== null || !isRestorable(owner.servicePrincipalDeletedMs))
      return notFound(id);
    owner.servicePrincipalDeletedMs = null;
    return Response.json({ "@odata.type": "#microsoft.graph.servicePrincipal", id, appId: owner.appId });
  });

  credentialRoutes(world, route, withOwnApplication);
  return app;
}

function view(application: SimulatedApplication, credentialLagMs: number): Record<string, unknown> {
  return {
    id: application.id,
    appId: application.appId,
    createdDateTime: `${new Date(application.createdMs).toISOString().slice(0, 19)}Z`,
    createdByAppId: application.createdByAppId,
    ...application.properties,
    passwordCredentials: application.credentials
      .filter(({ createdMs }) => Date.now() - createdMs >= credentialLagMs)
      .map(credentialView),
  };
}

/** The filters of this flow: equality on three properties and a tag, joined by `and`. */
function parseFilter(filter: string): ((application: SimulatedApplication) => boolean) | undefined {
  const tests = filter.split(" and ").map((clause) => {
    const equality = /^(displayName|applicationTemplateId|appId) eq '((?:[^']|'')*)'$/.exec(clause);
    if (equality) {
      const [, name = "", value = ""] = equality;
      const literal = value.replaceAll("''", "'");
      return (one: SimulatedApplication) => (name === "appId" ? one.appId : one.properties[name]) === literal;
    }
    const prefix = /^startswith\(displayName,'((?:[^']|'')*)'\)$/.exec(clause)?.[1];
    if (prefix !== undefined)
      return (one: SimulatedApplication) =>
        String(one.properties["displayName"]).startsWith(prefix.replaceAll("''", "'"));
    const tag = /^tags\/any\(t:\s?t eq '((?:[^']|'')*)'\)$/.exec(clause)?.[1];
    if (tag === undefined) return undefined;
    return (one: SimulatedApplication) =>
      (one.properties["tags"] as string[]).includes(tag.replaceAll("''", "'"));
  });
  return tests.every((test) => test !== undefined) ? (one) => tests.every((test) => test(one)) : undefined;
}
