import { Hono } from "hono";
import { decodeJwt } from "jose";
import type { SimulatedTenant } from "./directory.ts";
import type { SimulatedCall } from "./options.ts";
import { graphError, type SimulatorEnv, type World } from "./world.ts";

/** Adds one call of Graph: the token is judged, faults and delays apply, then the work is done in its tenant. */
export type GraphRoute = (
  method: "get" | "post" | "patch" | "delete",
  path: string,
  call: SimulatedCall,
  work: (input: {
    tenant: SimulatedTenant;
    id: string;
    /** Of what belongs to the object. */
    part: string;
    body: Record<string, unknown>;
    filter: string;
  }) => Response,
) => void;

const sufficient = ["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"];

export function graphRouter(world: World): { app: Hono<SimulatorEnv>; route: GraphRoute } {
  const app = new Hono<SimulatorEnv>();

  /** The tenant that the token speaks for, or Graph's refusal. */
  function authorise(header: string | undefined): SimulatedTenant | Response {
    try {
      const claims = decodeJwt(header?.replace("Bearer ", "") ?? "");
      const tenant = world.tenant(String(claims["tid"]));
      if (!tenant) return graphError(401, "InvalidAuthenticationToken", "Access token validation failure.");
      // A token outlives the service principal it was given to, and is worth nothing then.
      if (tenant.consentedMs === null)
        return graphError(
          401,
          "Authorization_IdentityNotFound",
          "The identity of the calling application could not be established.",
        );
      const roles = (claims["roles"] ?? []) as string[];
      const isFresh = Date.now() - tenant.consentedMs < world.realism.permissionLagMs;
      return isFresh || !roles.some((role) => sufficient.includes(role)) ? denied() : tenant;
    } catch {
      return graphError(401, "InvalidAuthenticationToken", "Access token is empty or malformed.");
    }
  }

  const route: GraphRoute = (method, path, call, work) => {
    app[method](path, async (c) => {
      const tenant = authorise(c.req.header("authorization"));
      const body =
        method === "get" || method === "delete"
          ? {}
          : ((await c.req.json().catch(() => ({}))) as Record<string, unknown>);
      const logged = {
        call,
        tenantId: tenant instanceof Response ? "none" : tenant.id,
        ...(method === "post" || method === "patch" ? { body } : {}),
      };
      return world.serve(c, logged, () =>
        tenant instanceof Response
          ? tenant
          : work({
              tenant,
              id: c.req.param("id") ?? "",
              part: c.req.param("part") ?? "",
              body,
              filter: c.req.query("$filter") ?? "",
            }),
      );
    });
  };
  return { app, route };
}

export function denied(): Response {
  return graphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}

export function notFound(id: string): Response {
  return graphError(
    404,
    "Request_ResourceNotFound",
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}
