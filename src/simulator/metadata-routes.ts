import { Hono } from "hono";
import type { Signer } from "./signing.ts";
import { oauthError, type SimulatorEnv, type World } from "./world.ts";

/** Login host, what is published about a directory: discovery and keys. */
export function metadataRoutes(world: World, origin: () => string, signer: Signer): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>();

  app.get("/:tenant/v2.0/.well-known/openid-configuration", (c) =>
    world.serve(c, { call: "discovery", tenantId: c.req.param("tenant") }, () => {
      const named = c.req.param("tenant");
      const isForAll = named === "organizations" || named === "common";
      const id = isForAll ? named : world.tenantNamed(named)?.id;
      if (id === undefined) return oauthError(400, "invalid_tenant", 90002, "Tenant not found.");
      const base = `${origin()}/${id}`;
      return Response.json({
        // Microsoft's own placeholder, where no directory was named.
        issuer: isForAll ? `${origin()}/{tenantid}/v2.0` : `${base}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
        token_endpoint_auth_methods_supported: [
          "client_secret_post",
          "private_key_jwt",
          "client_secret_basic",
        ],
        response_modes_supported: ["query", "fragment", "form_post"],
        subject_types_supported: ["pairwise"],
        id_token_signing_alg_values_supported: ["RS256"],
        response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
        scopes_supported: ["openid", "profile", "email", "offline_access"],
        tenant_region_scope: "EU",
      });
    }),
  );
  app.get("/:tenant/discovery/v2.0/keys", (c) =>
    world.serve(c, { call: "keys", tenantId: c.req.param("tenant") }, (fault) =>
      // An application's own key is among those of the application, and nowhere else.
      Response.json({
        keys:
          world.realism.ownSigningKeys && c.req.query("appid") !== undefined
            ? signer.ownKeys(c.req.query("appid") ?? "")
            : signer.keys(fault?.kind === "stale"),
      }),
    ),
  );

  return app;
}
