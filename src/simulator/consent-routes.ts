import { type Context, Hono } from "hono";
import { grantFor, isAdministrator, type SimulatedTenant, type SimulatedUser } from "./directory.ts";
import { consentPage } from "./pages.ts";
import { signInAs } from "./sign-ins.ts";
import { answeredState, describeOAuthError, type SimulatorEnv, type World } from "./world.ts";

/** Admin consent: to the provisioning app by any directory, and to an application of one tenant by that tenant. */
export function consentRoutes(world: World): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>();

  app.get("/organizations/v2.0/adminconsent", (c) =>
    c.html(consentPage({ appRoles: world.realism.appRoles, tenants: world.tenants, action: actionOf(c) })),
  );
  app.post("/organizations/v2.0/adminconsent", async (c) => {
    const form = await c.req.parseBody();
    const tenant = world.tenants.find((one) => one.users.some(({ id }) => id === form["user"]));
    return decide(world, c, tenant, form, () => {
      if (tenant) tenant.consentedMs ??= Date.now();
    });
  });

  app.get("/:tenant/v2.0/adminconsent", (c) => {
    const tenant = world.tenant(c.req.param("tenant"));
    const application = tenant?.applications.find((one) => one.appId === c.req.query("client_id"));
    if (!tenant || !application)
      return c.text("AADSTS700016: Application was not found in the directory. (simulator)", 400);
    const name = String(application.properties["displayName"]);
    return c.html(consentPage({ name, appRoles: [], tenants: [tenant], action: actionOf(c) }));
  });
  app.post("/:tenant/v2.0/adminconsent", async (c) => {
    const tenant = world.tenant(c.req.param("tenant"));
    const application = tenant?.applications.find((one) => one.appId === c.req.query("client_id"));
    return decide(world, c, tenant, await c.req.parseBody(), () => {
      application?.grants.push(grantFor(null));
    });
  });
  return app;
}

/** Forms come back to their own address with its query. */
function actionOf(c: Context<SimulatorEnv>): string {
  const { pathname, search } = new URL(c.req.url);
  return pathname + search;
}

/** Accepts for an administrator, and sends every answer to the redirect URI as Microsoft does. */
function decide(
  world: World,
  c: Context<SimulatorEnv>,
  tenant: SimulatedTenant | undefined,
  form: Record<string, unknown>,
  accept: () => void,
): Response {
  const query = c.req.query();
  const user: SimulatedUser | undefined = tenant?.users.find(({ id }) => id === form["user"]);
  const back = new URL(query["redirect_uri"] ?? "about:blank");
  const answer = (values: Record<string, string>): Response => {
    for (const [name, value] of Object.entries(values)) back.searchParams.set(name, value);
    back.searchParams.set("state", answeredState(world, query["state"]));
    return c.redirect(back.href, 302);
  };
  const refuse = (number: number, text: string): Response =>
    answer({
      error: "access_denied",
      error_description: describeOAuthError([number], text).error_description,
      admin_consent: "True",
    });
  if (form["decision"] !== "accept" || !tenant || !user)
    return refuse(65_004, "User declined to consent to access the app.");
  signInAs(c, user);
  if (!isAdministrator(user)) return refuse(90_094, "The grant requires admin permission.");
  accept();
  return answer({ admin_consent: "True", tenant: tenant.id, scope: query["scope"] ?? "" });
}
