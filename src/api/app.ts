import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { matchedRoutes } from "hono/route";
import { secureHeaders } from "hono/secure-headers";
import { originOf } from "../domain/host-name.ts";
import { setupPaths } from "../domain/setup-link.ts";
import type { ApiConfig } from "../config/config.ts";
import { answerCode } from "./answer-code.ts";
import { answerProblem } from "./answer-error.ts";
import type { AppEnv } from "./app-env.ts";
import { forBrowsers } from "./browser/for-browsers.ts";
import type { Route } from "./contract/route.ts";
import { placesOf } from "./contract/route-places.ts";
import type { ApiDeps } from "./deps.ts";
import { applicationCors, openCors } from "./handoff/application-origins.ts";
import { exchangeRoute } from "./handoff/exchange.ts";
import { discoveryRoute, keySetRoute, oauthDiscoveryRoute } from "./oidc/discovery.ts";
import { oidcPaths } from "./oidc/paths.ts";
import { tokenRoute } from "./oidc/token.ts";
import { userinfoRoute } from "./oidc/userinfo.ts";
import { limitBody } from "./limit-body.ts";
import { callerHeaders } from "./platform-headers.ts";
import { problem } from "./problem.ts";
import { routes } from "./routes.ts";

const loggedPathUnitsMax = 300;

/** The routes of one role. Everything that is thrown ends in one place: a problem for calls, a page for browsers. */
export function createApp(deps: ApiDeps): Hono<AppEnv> {
  const { config } = deps;
  const app = new Hono<AppEnv>();
  app.use((c, next) => {
    const requestId = `req_${crypto.randomUUID().replaceAll("-", "")}`;
    const request = {
      kind: "request",
      name: routeOf(c),
      ids: { request_id: requestId },
      traceParent: c.req.header("traceparent"),
    } as const;
    return deps.telemetry.around(request, async (end) => {
      c.set("requestId", requestId);
      // Set before the work, so that errors carry them too.
      c.header("x-request-id", requestId);
      c.header("cache-control", "no-store");
      await next();
      // The path only: queries hold states and codes.
      end(c.res.status, {
        method: c.req.method,
        path: c.req.path.slice(0, loggedPathUnitsMax),
        code: answerCode(c),
        microsoft_code: c.get("microsoft")?.code,
        microsoft_correlation_id: c.get("microsoft")?.correlationId,
      });
    });
  });
  app.use(
    secureHeaders({
      strictTransportSecurity: "max-age=63072000; includeSubDomains",
      xFrameOptions: "DENY",
      referrerPolicy: "no-referrer",
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: [(c) => formTargets(config, c.req.path)],
        frameAncestors: ["'none'"],
      },
    }),
  );
  const forDashboards = cors({
    origin: (origin) => (config.dashboardOrigins.includes(originOf(origin) ?? "null") ? origin : null),
    credentials: true,
    allowMethods: ["GET", "POST", "PATCH", "DELETE"],
    allowHeaders: callerHeaders,
    exposeHeaders: ["x-request-id", "retry-after"],
    maxAge: 600,
  });
  for (const path of ["/v1/session/*", "/v1/portal/*"]) app.use(path, forDashboards);
  app.use(limitBody([oidcPaths.authorize, oidcPaths.endSession]));

  const forPages = applicationCors(config.applications);
  const forAnybody = openCors();
  for (const [routesHere, layer] of [
    [[tokenRoute, userinfoRoute, exchangeRoute], forPages],
    [[discoveryRoute, oauthDiscoveryRoute, keySetRoute], forAnybody],
  ] as const)
    for (const route of routesHere) if (isServedBy(config.role, route)) app.use(route.path, layer);
  for (const { path, allow, routes: here } of placesOf(
    routes.filter(({ route }) => isServedBy(config.role, route)),
  )) {
    for (const { route, open } of here) {
      const methods = route.methods.map((method) => method.toUpperCase());
      const handle = open(deps);
      app.on(methods, path, route.caller === "browser" ? forBrowsers(route, handle, deps) : handle);
    }
    app.all(path, (c) => {
      c.header("allow", allow);
      return problem(c, "method_not_allowed");
    });
  }

  app.notFound((c) => problem(c, "not_found"));
  app.onError((error, c) => answerProblem(c, deps, error));
  return app;
}

function isServedBy(role: ApiConfig["role"], { servedBy }: Route): boolean {
  return role === "all" || servedBy === "both" || servedBy === role;
}

/**
 * Where the forms of our pages may lead: Chromium holds the redirects after a form to this too, through Microsoft's hosts
 * and, from the page that asks for an organization, to the application.
 */
function formTargets({ cloud, applications }: ApiConfig, path: string): string {
  if (path.startsWith(setupPaths.link)) return `'self' https: ${cloud.loginOrigin}`;
  if (path !== oidcPaths.authorize) return "'none'";
  const origins = applications.flatMap(({ redirectUris }) => redirectUris.map((uri) => new URL(uri).origin));
  return [...new Set(["'self'", "https:", cloud.loginOrigin, ...origins])].join(" ");
}

/** `GET /v1/…/:id`; whatever no route takes is one name. */
function routeOf(c: Context): string {
  const route = matchedRoutes(c).findLast(({ method }) => method !== "ALL");
  return route ? `${route.method} ${route.path}` : "none";
}
