import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { newTenant, withdrawConsent } from "./directory.ts";
import { driftOf } from "./drifts.ts";
import { stylesheet, stylesheetPath } from "./layout.ts";
import { homePage, portalPage } from "./portal-pages.ts";
import { presets, realismOf } from "./presets.ts";
import type { Signer } from "./signing.ts";
import type { SimulatorEnv, World } from "./world.ts";

/** Pages for people: what is in each tenant, and how Microsoft behaves. */
export function portalRoutes(world: World, signer: Signer): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>();
  let chosen = "prompt";
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'self'"], imgSrc: ["data:"] },
    }),
  );
  app.get(stylesheetPath, (c) => c.body(stylesheet, 200, { "content-type": "text/css; charset=utf-8" }));
  app.get("/", (c) => c.html(homePage(world.tenants, chosen)));
  app.post("/portal", async (c) => {
    const { name } = await c.req.parseBody<Record<string, string>>();
    const tenant = newTenant((name ?? "Unnamed").slice(0, 40));
    world.tenants.push(tenant);
    return c.redirect(`/portal/${tenant.id}`, 303);
  });
  app.post("/portal/behaviour", async (c) => {
    const { preset } = await c.req.parseBody();
    const known = Object.entries(presets).find(([name]) => name === preset);
    if (known) {
      chosen = known[0];
      world.realism = realismOf(known[1]);
      world.setFaults(known[1].faults);
      if (known[1].rotatesKeys) await signer.rotate();
    }
    return c.redirect("/", 303);
  });
  app.get("/portal/:tenant", (c) => {
    const tenant = world.tenant(c.req.param("tenant"));
    return tenant ? c.html(portalPage(tenant, world.calls, world.realism.appRoles)) : c.notFound();
  });
  app.post("/portal/:tenant/revoke", (c) => {
    const tenant = world.tenant(c.req.param("tenant"));
    if (tenant) withdrawConsent(tenant);
    return c.redirect(`/portal/${c.req.param("tenant")}`, 303);
  });
  app.post("/portal/:tenant/enterprise/:application", async (c) => {
    const one = world
      .tenant(c.req.param("tenant"))
      ?.applications.find(({ id }) => id === c.req.param("application"));
    const { do: what } = await c.req.parseBody();
    if (one) driftOf(what)?.act(one);
    return c.redirect(`/portal/${c.req.param("tenant")}`, 303);
  });
  return app;
}
