import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { grantFor, hasConsent } from "./directory.ts";
import { promptPage, signInPage } from "./pages.ts";
import { codeLifetimeMs, type IssuedCodes, signedInMs, signedInUser, signInAs } from "./sign-ins.ts";
import { answeredState, describeOAuthError, type SimulatorEnv, type World } from "./world.ts";

/** Login host, the browser's part. */
export function authorizeRoutes(world: World, codes: IssuedCodes): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>();

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
    if (application && application.servicePrincipalDeletedMs !== null)
      return c.text(
        "AADSTS7000229: The client application is missing service principal in the tenant. (simulator)",
        400,
      );
    if (!registered) return c.text("AADSTS50011: The redirect URI does not match. (simulator)", 400);
    return world.serve(c, { call: "authorize", tenantId: tenant.id }, async (fault) => {
      const back = new URL(redirectUri);
      back.searchParams.set("state", answeredState(world, query["state"]));
      const refuse = (error: string, aadsts: number | readonly number[], text: string): Response => {
        back.searchParams.set("error", error);
        back.searchParams.set(
          "error_description",
          describeOAuthError([aadsts].flat(), text).error_description,
        );
        return c.redirect(back.href, 302);
      };
      if (fault?.kind === "oauth")
        return refuse(fault.error, fault.numbers ?? [], fault.text ?? "A fault was set.");
      if (own && tenant.consentedMs === null)
        return refuse("consent_required", 65_001, "The user or administrator has not consented.");
      const form = c.req.method === "POST" ? await c.req.parseBody() : {};
      const chosen = form["user"];
      const asksAnew = query["prompt"] === "login" || query["prompt"] === "select_account";
      const known = asksAnew ? undefined : signedInUser(c, world);
      const user = chosen === undefined ? known : tenant.users.find(({ id }) => id === chosen);
      const action = `/${tenant.id}/oauth2/v2.0/authorize?${new URLSearchParams(query).toString()}`;
      if (!user && form["decision"] === "cancel")
        return refuse("access_denied", 65_004, "User declined to consent to access the app.");
      if (!user || !tenant.users.includes(user)) {
        if (query["prompt"] === "none")
          return refuse(
            "login_required",
            50_058,
            "A silent sign-in request was sent but no user is signed in.",
          );
        return c.html(signInPage(tenant, action));
      }
      const authTimeMs = chosen === undefined ? signedInMs(c) : signInAs(c, user);
      if (application?.disabled) return refuse("unauthorized_client", 7_000_112, "Application is disabled.");
      if (user.refusal) return refuse("access_denied", user.refusal.aadsts, user.refusal.text);
      if (application?.appRoleAssignmentRequired)
        return refuse(
          "access_denied",
          50_105,
          "The signed in user is not assigned to a role for the application.",
        );
      if (application && world.realism.consentPrompts && !hasConsent(application, user)) {
        if (form["decision"] === "accept")
          application.grants.push(grantFor(form["everyone"] === "yes" ? null : user.id));
        else if (form["decision"] === "cancel")
          return refuse("access_denied", 65_004, "User declined to consent to access the app.");
        else return c.html(promptPage({ name: String(application.properties["displayName"]), user, action }));
      }
      const code = randomBytes(24).toString("base64url").padEnd(world.realism.codeCharacters, "0");
      codes.set(code, {
        tenant,
        user,
        clientId: query["client_id"] ?? "",
        redirectUri,
        nonce: query["nonce"],
        challenge: query["code_challenge"],
        authTimeMs,
        expiresMs: Date.now() + codeLifetimeMs,
      });
      back.searchParams.set("code", code);
      return c.redirect(back.href, 302);
    });
  });

  return app;
}
