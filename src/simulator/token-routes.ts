import { createHash, randomBytes, randomUUID } from "node:crypto";
import { Hono } from "hono";
import { secretHashOf, type SimulatedTenant } from "./directory.ts";
import { idTokenClaims } from "./id-token-claims.ts";
import type { IssuedCodes } from "./sign-ins.ts";
import type { Signer } from "./signing.ts";
import { oauthError, type SimulatorEnv, type World } from "./world.ts";

/** The token endpoint: client credentials and authorization codes. */
export function tokenRoutes(world: World, signer: Signer, codes: IssuedCodes): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>();

  app.post("/:tenant/oauth2/v2.0/token", async (c) => {
    const form = await c.req.parseBody<Record<string, string>>();
    const tenantId = c.req.param("tenant");
    return world.serve(
      c,
      { call: "token", tenantId, body: { grant_type: form["grant_type"], client_id: form["client_id"] } },
      async () => {
        const tenant = world.tenant(tenantId);
        if (!tenant) return oauthError(400, "invalid_request", 90002, "Tenant not found.");
        const own = form["client_id"] === world.provisioningApp.clientId;
        const refusal = own ? refuseProvisioningApp(form, tenant) : refuseConnection(form, tenant);
        if (refusal) return refusal;
        if (form["grant_type"] === "client_credentials") {
          const roles =
            own && tenant.consentedMs !== null && Date.now() - tenant.consentedMs >= world.realism.roleLagMs
              ? { roles: world.realism.appRoles }
              : {};
          const token = await signer.sign(
            { ...roles, appid: form["client_id"], oid: randomUUID() },
            tenant.id,
            "https://graph.microsoft.com",
          );
          return Response.json({
            token_type: "Bearer",
            expires_in: 3599,
            ext_expires_in: 3599,
            access_token: token,
          });
        }
        return redeem(form, tenant);
      },
    );
  });

  function refuseProvisioningApp(
    form: Record<string, string>,
    tenant: SimulatedTenant,
  ): Response | undefined {
    if (form["client_secret"] !== world.provisioningApp.clientSecret)
      return oauthError(401, "invalid_client", 7_000_215, "Invalid client secret provided.");
    if (tenant.consentedMs === null)
      return oauthError(
        401,
        "invalid_client",
        7_000_229,
        "The client application is missing service principal in the tenant.",
      );
    return undefined;
  }

  function refuseConnection(form: Record<string, string>, tenant: SimulatedTenant): Response | undefined {
    const application = tenant.applications.find(
      (one) => one.appId === form["client_id"] && one.deletedMs === null,
    );
    if (!application)
      return oauthError(400, "unauthorized_client", 700_016, "Application was not found in the directory.");
    const isMissing =
      application.servicePrincipalDeletedMs !== null ||
      Date.now() - application.servicePrincipalMadeMs < world.realism.servicePrincipalLagMs;
    if (isMissing)
      return oauthError(
        401,
        "invalid_client",
        7_000_229,
        "The client application is missing service principal in the tenant.",
      );
    if (application.disabled)
      return oauthError(400, "unauthorized_client", 7_000_112, "Application is disabled.");
    const given = secretHashOf(form["client_secret"] ?? "");
    const held = [...application.credentials, ...application.servicePrincipalCredentials];
    const credential = held.find(({ secretHash }) => secretHash === given);
    if (!credential || Date.now() - credential.createdMs < world.realism.secretLagMs)
      return oauthError(401, "invalid_client", 7_000_215, "Invalid client secret provided.");
    return undefined;
  }

  async function redeem(form: Record<string, string>, tenant: SimulatedTenant): Promise<Response> {
    const issued = codes.get(form["code"] ?? "");
    codes.delete(form["code"] ?? "");
    if (!issued || issued.expiresMs < Date.now())
      return oauthError(400, "invalid_grant", 54_005, "OAuth2 Authorization code was already redeemed.");
    const challenge = createHash("sha256")
      .update(form["code_verifier"] ?? "")
      .digest("base64url");
    const matches =
      issued.tenant === tenant &&
      issued.clientId === form["client_id"] &&
      issued.redirectUri === form["redirect_uri"];
    if (!matches || (issued.challenge !== undefined && issued.challenge !== challenge))
      return oauthError(400, "invalid_grant", 501_481, "The code does not belong to this request.");
    const { clientId } = issued;
    const claims = idTokenClaims(world, issued);
    const idToken =
      world.realism.ownSigningKeys && clientId !== world.provisioningApp.clientId
        ? await signer.signWithOwnKey(claims, tenant.id, clientId)
        : await signer.signIdToken(claims, tenant.id, clientId, world.realism.idTokenFlaw);
    return Response.json({
      token_type: "Bearer",
      scope: "openid profile email",
      expires_in: 3599,
      access_token: randomBytes(32).toString("base64url"),
      id_token: idToken,
    });
  }

  return app;
}
