import { createHash, randomBytes, randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { unreachable } from "../domain/unreachable.ts";
import type { SimulatedTenant, SimulatedUser } from "./directory.ts";
import { consentPage, signInPage } from "./pages.ts";
import { oauthError, type SimulatorEnv, type World } from "./world.ts";

interface IssuedCode {
  readonly tenant: SimulatedTenant;
  readonly user: SimulatedUser;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly nonce: string | undefined;
  readonly challenge: string | undefined;
  readonly expiresMs: number;
}

const sessionCookie = "sim_session";
const codeLifetimeMs = 10 * 60_000;

/** Login host: admin consent, discovery, keys, authorize and token. */
export async function loginRoutes(world: World, origin: () => string): Promise<Hono<SimulatorEnv>> {
  const app = new Hono<SimulatorEnv>();
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const kid = randomBytes(8).toString("hex");
  const jwk = { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" };
  const codes = new Map<string, IssuedCode>();
  const signed = (claims: Record<string, unknown>, tenantId: string, audience: string, expires: string) =>
    new SignJWT({ ...claims, ver: "2.0" })
      .setProtectedHeader({ alg: "RS256", kid, typ: "JWT" })
      .setIssuer(`${origin()}/${tenantId}/v2.0`)
      .setAudience(audience)
      .setIssuedAt()
      .setNotBefore("-5s")
      .setExpirationTime(expires)
      .sign(privateKey);
  const sign = (claims: Record<string, unknown>, tenantId: string, audience: string) =>
    signed({ ...claims, tid: tenantId }, tenantId, audience, "1h");

  const sessionUser = (
    c: Context<SimulatorEnv>,
  ): { tenant: SimulatedTenant; user: SimulatedUser } | undefined => {
    const id = getCookie(c, sessionCookie);
    for (const tenant of world.tenants) {
      const user = tenant.users.find((one) => one.id === id);
      if (user) return { tenant, user };
    }
    return undefined;
  };
  const signInAs = (c: Context<SimulatorEnv>, user: SimulatedUser) =>
    setCookie(c, sessionCookie, user.id, { httpOnly: true, sameSite: "Lax", path: "/" });

  app.get("/organizations/v2.0/adminconsent", (c) => c.html(consentPage(world.tenants, c.req.query())));
  app.post("/organizations/v2.0/adminconsent", async (c) => {
    const query = c.req.query();
    const form = await c.req.parseBody();
    const tenant = world.tenants.find((one) => one.users.some(({ id }) => id === form["user"]));
    const user = tenant?.users.find(({ id }) => id === form["user"]);
    const back = new URL(query["redirect_uri"] ?? "about:blank");
    const answer = (values: Record<string, string>) => {
      for (const [name, value] of Object.entries(values)) back.searchParams.set(name, value);
      back.searchParams.set("state", query["state"] ?? "");
      return c.redirect(back.href, 302);
    };
    if (form["decision"] !== "accept" || !tenant || !user)
      return answer({
        error: "access_denied",
        error_description: "AADSTS65004: User declined to consent to access the app.",
        admin_consent: "True",
      });
    signInAs(c, user);
    if (user.roles.length === 0 || user.guest)
      return answer({
        error: "access_denied",
        error_description: "AADSTS90094: The grant requires admin permission.",
        admin_consent: "True",
      });
    tenant.consentedMs ??= Date.now();
    return answer({ admin_consent: "True", tenant: tenant.id, scope: query["scope"] ?? "" });
  });

  app.get("/:tenant/v2.0/.well-known/openid-configuration", (c) =>
    world.serve(c, { call: "discovery", tenantId: c.req.param("tenant") }, () => {
      const tenant = world.tenant(c.req.param("tenant"));
      if (!tenant) return oauthError(400, "invalid_tenant", 90002, "Tenant not found.");
      const base = `${origin()}/${tenant.id}`;
      return Response.json({
        issuer: `${base}/v2.0`,
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
    world.serve(c, { call: "keys", tenantId: c.req.param("tenant") }, () => Response.json({ keys: [jwk] })),
  );

  app.on(["GET", "POST"], "/:tenant/oauth2/v2.0/authorize", async (c) => {
    const query = c.req.query();
    const tenant = world.tenant(c.req.param("tenant"));
    if (!tenant) return c.text("AADSTS90002: Tenant not found. (simulator)", 400);
    const redirectUri = query["redirect_uri"] ?? "";
    const own = query["client_id"] === world.provisioningApp.clientId;
    const application = tenant.applications.find(
      (one) => one.appId === query["client_id"] && one.deletedMs === null,
    );
    const registered =
      own ||
      (application?.properties["web"] as { redirectUris: string[] } | undefined)?.redirectUris.includes(
        redirectUri,
      );
    if (!own && !application)
      return c.text("AADSTS700016: Application was not found in the directory. (simulator)", 400);
    if (!registered) return c.text("AADSTS50011: The redirect URI does not match. (simulator)", 400);
    return world.serve(c, { call: "authorize", tenantId: tenant.id }, async () => {
      const back = new URL(redirectUri);
      back.searchParams.set("state", query["state"] ?? "");
      const refuse = (error: string, description: string) => {
        back.searchParams.set("error", error);
        back.searchParams.set("error_description", description);
        return c.redirect(back.href, 302);
      };
      if (own && tenant.consentedMs === null)
        return refuse("consent_required", "AADSTS65001: The user or administrator has not consented.");
      const chosen = c.req.method === "POST" ? (await c.req.parseBody())["user"] : undefined;
      const user = chosen === undefined ? sessionUser(c)?.user : tenant.users.find(({ id }) => id === chosen);
      if (!user || !tenant.users.includes(user)) {
        if (query["prompt"] === "none")
          return refuse(
            "login_required",
            "AADSTS50058: A silent sign-in request was sent but no user is signed in.",
          );
        return c.html(signInPage(tenant, query));
      }
      if (application?.appRoleAssignmentRequired)
        return refuse(
          "access_denied",
          "AADSTS50105: The signed in user is not assigned to a role for the application.",
        );
      const code = randomBytes(24).toString("base64url");
      codes.set(code, {
        tenant,
        user,
        clientId: query["client_id"] ?? "",
        redirectUri,
        nonce: query["nonce"],
        challenge: query["code_challenge"],
        expiresMs: Date.now() + codeLifetimeMs,
      });
      back.searchParams.set("code", code);
      signInAs(c, user);
      return c.redirect(back.href, 302);
    });
  });

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
              ? { roles: ["Application.ReadWrite.All"] }
              : {};
          const token = await sign(
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
    const credential = application.credentials.find(({ secretText }) => secretText === form["client_secret"]);
    if (!credential || Date.now() - credential.createdMs < world.realism.secretLagMs)
      return oauthError(401, "invalid_client", 7_000_215, "Invalid client secret provided.");
    return undefined;
  }

  /** An id_token, with the flaw that is set. */
  async function signIdToken(
    claims: Record<string, unknown>,
    tenantId: string,
    clientId: string,
  ): Promise<string> {
    const token = (changed: Record<string, unknown>, tenant = tenantId, audience = clientId) =>
      sign({ ...claims, ...changed }, tenant, audience);
    const flaw = world.realism.idTokenFlaw;
    switch (flaw) {
      case "none":
        return token({});
      case "nonce":
        return token({ nonce: "another" });
      case "audience":
        return token({}, tenantId, randomUUID());
      case "issuer":
        return token({}, randomUUID());
      case "tenant":
        return signed({ ...claims, tid: randomUUID() }, tenantId, clientId, "1h");
      case "expired":
        return signed({ ...claims, tid: tenantId }, tenantId, clientId, "-10m");
      case "signature": {
        const [header, payload] = (await token({})).split(".");
        return `${header}.${payload}.${randomBytes(256).toString("base64url")}`;
      }
      case "algorithm": {
        const [, payload] = (await token({})).split(".");
        return `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
      }
      default:
        return unreachable(flaw);
    }
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
    const { user, clientId } = issued;
    const claims = {
      sub: createHash("sha256").update(`${clientId}|${user.id}`).digest("base64url"),
      oid: user.id,
      name: user.name,
      preferred_username: user.email,
      email: user.email,
      xms_edov: true,
      nonce: issued.nonce,
      acct: user.guest ? 1 : 0,
      ...(clientId === world.provisioningApp.clientId ? { wids: user.roles } : { groups: [randomUUID()] }),
    };
    const idToken = await signIdToken(claims, tenant.id, clientId);
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
