import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { matchedRoutes } from "hono/route";
import { secureHeaders } from "hono/secure-headers";
import { assetsPath, findAsset } from "../dashboard/assets.ts";
import { CodedError } from "../domain/coded-error.ts";
import { originOf } from "../domain/host-name.ts";
import { bodyBytesMax } from "../domain/limits.ts";
import { cancelOwnProvision } from "./session/cancel-provision.ts";
import { patchConnection } from "./session/change-connection.ts";
import { confirmProvision } from "./session/confirm-provision.ts";
import { consentCallback } from "./browser/consent-callback.ts";
import type { AppEnv } from "./app-env.ts";
import type { ApiConfig } from "../config/config.ts";
import type { ApiDeps } from "./deps.ts";
import { eventFeed } from "./operators/events.ts";
import { cancelProvision, listProvisions, retryProvision, showProvision } from "./operators/provisions.ts";
import { codeOf, problem, reportError, sayWhenToRetry } from "./problem.ts";
import { progress, progressEvents } from "./browser/progress.ts";
import {
  connectionList,
  oneConnection,
  provisionAvailability,
  provisionStatus,
} from "./session/provision-status.ts";
import { failureAnswer, isFinalRefusal, refusalUrl, refusedPage } from "./browser/refusal.ts";
import { initiateSignIn } from "./browser/initiate-sign-in.ts";
import { askAdminConsent, finishSignIn } from "./browser/sign-in-routes.ts";
import { applicationCors } from "./handoff/application-origins.ts";
import { exchangeHandoff } from "./handoff/exchange.ts";
import { authorize } from "./oidc/authorize.ts";
import { discovery, keySet, oidcPaths } from "./oidc/discovery.ts";
import { endSession } from "./oidc/end-session.ts";
import { tokenEndpoint } from "./oidc/token.ts";
import { userinfo } from "./oidc/userinfo.ts";
import { callerHeaders } from "./platform-headers.ts";
import { readiness } from "./readiness.ts";
import { startProvision } from "./session/start-provision.ts";

const exchangePath = "/v1/auth/session-handoff/exchange";
const loggedPathUnitsMax = 300;

/** The routes of one role. Everything that is thrown ends in one place: a problem for calls, a page for browsers. */
export function createApp(deps: ApiDeps): Hono<AppEnv> {
  const { config, log } = deps;
  const app = new Hono<AppEnv>();
  app.use((c, next) =>
    deps.telemetry.around({ kind: "request", name: routeOf(c) }, async (end) => {
      c.set("requestId", `req_${crypto.randomUUID().replaceAll("-", "")}`);
      // Set before the work, so that errors carry them too.
      c.header("x-request-id", c.get("requestId"));
      c.header("cache-control", "no-store");
      await next();
      // The path only: queries hold states and codes.
      end(c.res.status, {
        method: c.req.method,
        path: c.req.path.slice(0, loggedPathUnitsMax),
        request_id: c.get("requestId"),
      });
    }),
  );
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
        formAction: [(c) => (c.req.path === oidcPaths.authorize ? formTargets(config) : "'none'")],
        frameAncestors: ["'none'"],
      },
    }),
  );
  app.use(
    "/v1/session/*",
    cors({
      origin: (origin) => (config.dashboardOrigins.includes(originOf(origin) ?? "null") ? origin : null),
      credentials: true,
      allowMethods: ["GET", "POST", "PATCH", "DELETE"],
      allowHeaders: callerHeaders,
      exposeHeaders: ["x-request-id", "retry-after"],
      maxAge: 600,
    }),
  );
  app.use(
    bodyLimit({ maxSize: bodyBytesMax, onError: (c) => problem(c as Context<AppEnv>, "body_too_large") }),
  );

  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", readiness(deps));

  app.post("/v1/session/orgs/:orgId/ms-provision/start", (c) => startProvision(c, deps));
  if (config.role !== "sso") {
    app.get("/v1/session/orgs/:orgId/ms-provision", (c) => provisionAvailability(c, deps));
    app.get("/v1/session/orgs/:orgId/ms-provision/:id", (c) => provisionStatus(c, deps));
    app.post("/v1/session/orgs/:orgId/ms-provision/:id/confirm", (c) => confirmProvision(c, deps));
    app.post("/v1/session/orgs/:orgId/ms-provision/:id/cancel", (c) => cancelOwnProvision(c, deps));
    app.get("/v1/session/orgs/:orgId/sso-connections", (c) => connectionList(c, deps));
    app.get("/v1/session/orgs/:orgId/sso-connections/:id", (c) => oneConnection(c, deps));
    app.patch("/v1/session/orgs/:orgId/sso-connections/:id", (c) => patchConnection(c, deps));
    app.get("/v1/events", (c) => eventFeed(c, deps));
    app.get("/v1/admin/ms-provisions", (c) => listProvisions(c, deps));
    app.get("/v1/admin/ms-provisions/:id", (c) => showProvision(c, deps));
    app.post("/v1/admin/ms-provisions/:id/retry", (c) => retryProvision(c, deps));
    app.post("/v1/admin/ms-provisions/:id/cancel", (c) => cancelProvision(c, deps));
  }
  if (config.role !== "management") {
    const browserRoute = (
      path: string,
      handle: (c: Context<AppEnv>, deps: ApiDeps) => Promise<Response>,
      refusals: Refusals = { clean: false, json: true },
      methods: string[] = ["GET"],
    ) =>
      app.on(methods, path, async (c) => {
        // Link checkers ask with HEAD; nothing may happen then.
        if (c.req.method === "HEAD") return c.body(null, 204);
        try {
          return await handle(c, deps);
        } catch (error) {
          return browserError(c, deps, error, refusals);
        }
      });
    browserRoute("/v1/sso/microsoft/consent/callback", consentCallback, { clean: true, json: false });
    browserRoute("/v1/sso/microsoft/consent/refused", refusedPage);
    browserRoute("/v1/sso/microsoft/provisions/:id", progress);
    browserRoute("/v1/sso/microsoft/provisions/:id/events", progressEvents, { clean: false, json: "always" });
    browserRoute("/v1/sso/connections/:connectionId/initiate", initiateSignIn);
    browserRoute("/v1/sso/connections/:connectionId/callback", finishSignIn, { clean: true, json: true });
    browserRoute("/v1/sso/connections/:connectionId/refused", refusedPage);
    browserRoute("/v1/sso/connections/:connectionId/admin-consent", askAdminConsent);
    browserRoute(oidcPaths.authorize, authorize, { clean: false, json: false }, ["GET", "POST"]);
    browserRoute(oidcPaths.endSession, endSession, { clean: false, json: false }, ["GET", "POST"]);
    app.get("/.well-known/openid-configuration", (c) => discovery(c, deps));
    app.get("/.well-known/oauth-authorization-server", (c) => discovery(c, deps));
    app.get(oidcPaths.keys, (c) => keySet(c, deps));
    const forPages = applicationCors(config.applications);
    app.use(oidcPaths.token, forPages);
    app.use(oidcPaths.userinfo, forPages);
    app.use(exchangePath, forPages);
    app.post(oidcPaths.token, (c) => tokenEndpoint(c, deps));
    app.on(["GET", "POST"], oidcPaths.userinfo, (c) => userinfo(c, deps));
    app.post(exchangePath, (c) => exchangeHandoff(c, deps));
    app.get(`${assetsPath}/:version/:name`, serveAsset);
  }

  app.notFound((c) => problem(c, "not_found"));
  app.onError((error, c) => {
    const code = codeOf(error);
    reportError(log, c.get("requestId"), error);
    const coded = error instanceof CodedError ? error : undefined;
    return problem(c, code, coded?.retryAfterMs, coded?.errors);
  });
  return app;
}

/**
 * Where the page that asks for an organization may lead: Chromium holds the redirects after a form to this too, through
 * Microsoft's hosts to the application.
 */
function formTargets({ cloud, applications }: ApiConfig): string {
  const origins = applications.flatMap(({ redirectUris }) => redirectUris.map((uri) => new URL(uri).origin));
  return [...new Set(["'self'", "https:", cloud.loginOrigin, ...origins])].join(" ");
}

/** How a route for browsers says no. */
interface Refusals {
  /** By a page of its own when it is final: neither code nor state stays in the address bar. For callbacks. */
  readonly clean: boolean;
  /** As a problem: where the caller asked for JSON, or always where no person looks. */
  readonly json: boolean | "always";
}

function browserError(
  c: Context<AppEnv>,
  deps: ApiDeps,
  error: unknown,
  refusals: Refusals,
): Response | Promise<Response> {
  const code = codeOf(error);
  const { microsoft, retryAfterMs } =
    error instanceof CodedError ? error : { microsoft: undefined, retryAfterMs: undefined };
  reportError(deps.log, c.get("requestId"), error);
  const asksJson = c.req.header("accept")?.includes("application/json") === true;
  if (refusals.json === "always" || (refusals.json && asksJson)) return problem(c, code, retryAfterMs);
  const view = { code, reference: c.get("requestId"), microsoft, at: new Date() };
  if (refusals.clean && deps.keyed && isFinalRefusal(code))
    return c.redirect(refusalUrl(deps.config.ssoOrigin, deps.keyed.refusalKeys, c.req.path, view), 303);
  sayWhenToRetry(c, code, retryAfterMs);
  return failureAnswer(c, deps, view);
}

/** `GET /v1/…/:id`; whatever no route takes is one name. */
function routeOf(c: Context): string {
  const route = matchedRoutes(c).findLast(({ method }) => method !== "ALL");
  return route ? `${route.method} ${route.path}` : "none";
}

function serveAsset(c: Context<AppEnv>): Response {
  const asset = findAsset(c.req.param("name") ?? "");
  if (!asset) return problem(c, "not_found");
  return c.body(asset.body, 200, {
    "content-type": asset.contentType,
    "cache-control": "public, max-age=31536000, immutable",
  });
}
