import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { errorPage, progressPage } from "../dashboard/pages.ts";
import { CodedError } from "../domain/coded-error.ts";
import { factsOf } from "../domain/error-codes.ts";
import { isFinal } from "../domain/provision-request.ts";
import { isSameBrowser } from "./browser-binding.ts";
import { consentCallback } from "./consent-callback.ts";
import type { ApiDeps, AppEnv } from "./deps.ts";
import { outcomeUrl, waitForOutcome } from "./drive-request.ts";
import { listProvisions, retryProvision, showProvision } from "./operators.ts";
import { codeOf, problem } from "./problem.ts";
import {
  connectionList,
  provisionAvailability,
  provisionStatus,
  requireRequest,
  stepsOf,
} from "./provision-status.ts";
import { authorizeSignIn, finishSignIn } from "./sign-in-routes.ts";
import { startProvision } from "./start-provision.ts";

const bodyBytesMax = 8192;

/** The routes of one role. Everything that is thrown ends in one place: a problem for calls, a page for browsers. */
export function createApp(deps: ApiDeps): Hono<AppEnv> {
  const { config, log } = deps;
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    const startedMs = performance.now();
    c.set("requestId", `req_${crypto.randomUUID().replaceAll("-", "")}`);
    // Set before the work, so that errors carry them too.
    c.header("x-request-id", c.get("requestId"));
    c.header("cache-control", "no-store");
    await next();
    // The path only: queries hold states and codes.
    log.info("request", {
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      ms: Math.round(performance.now() - startedMs),
      request_id: c.get("requestId"),
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
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    }),
  );
  app.use(
    bodyLimit({ maxSize: bodyBytesMax, onError: (c) => problem(c as Context<AppEnv>, "body_too_large") }),
  );

  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const [postgres, temporal] = (await Promise.allSettled([deps.database.ping(), deps.runs.ping()])).map(
      ({ status }) => status === "fulfilled",
    );
    return c.json({ postgres, temporal }, postgres && temporal ? 200 : 503);
  });

  app.post("/v1/session/orgs/:orgId/ms-provision/start", (c) => startProvision(c, deps));
  if (config.role !== "sso") {
    app.get("/v1/session/orgs/:orgId/ms-provision", (c) => provisionAvailability(c, deps));
    app.get("/v1/session/orgs/:orgId/ms-provision/:id", (c) => provisionStatus(c, deps));
    app.get("/v1/session/orgs/:orgId/sso-connections", (c) => connectionList(c, deps));
    app.get("/v1/admin/ms-provisions", (c) => listProvisions(c, deps));
    app.get("/v1/admin/ms-provisions/:id", (c) => showProvision(c, deps));
    app.post("/v1/admin/ms-provisions/:id/retry", (c) => retryProvision(c, deps));
  }
  if (config.role !== "management") {
    const browserRoute = (path: string, handle: (c: Context<AppEnv>, deps: ApiDeps) => Promise<Response>) =>
      app.get(path, async (c) => {
        // Link checkers ask with HEAD; nothing may happen then.
        if (c.req.method === "HEAD") return c.body(null, 204);
        try {
          return await handle(c, deps);
        } catch (error) {
          return browserError(c, deps, error);
        }
      });
    browserRoute("/v1/sso/microsoft/consent/callback", consentCallback);
    browserRoute("/v1/sso/microsoft/provisions/:id", progress);
    browserRoute("/v1/sso/oidc/:connectionId/authorize", authorizeSignIn);
    browserRoute("/v1/sso/oidc/:connectionId/callback", finishSignIn);
  }

  app.notFound((c) => problem(c, "not_found"));
  app.onError((error, c) => {
    const code = codeOf(error);
    if (code === "internal")
      log.error("unexpected error", { request_id: c.get("requestId"), reason: error.name });
    return problem(c, code, error instanceof CodedError ? error.retryAfterMs : undefined);
  });
  return app;
}

/** A page in place of a problem; JSON only where the caller asked for it. */
function browserError(c: Context<AppEnv>, deps: ApiDeps, error: unknown): Response | Promise<Response> {
  const code = codeOf(error);
  if (code === "internal")
    deps.log.error("unexpected error", { request_id: c.get("requestId"), reason: (error as Error).name });
  if (c.req.path.includes("/oidc/") && c.req.header("accept")?.includes("application/json"))
    return problem(c, code);
  const canRetry = factsOf(code).httpStatus === 503 && code !== "ms_provision_not_configured";
  return c.html(
    errorPage({ code, requestId: c.get("requestId"), dashboardUrl: deps.config.dashboardUrl, canRetry }),
    factsOf(code).httpStatus as 400,
  );
}

/** `GET /v1/sso/microsoft/provisions/{id}`: progress for the starter's browser; once settled, 303 to the return URL. */
async function progress(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const request = await requireRequest(deps, c.req.param("id"));
  if (!deps.consent || !isSameBrowser(c, deps.consent.browserKey, request.browserHash))
    throw new CodedError("not_found");
  const counted = await waitForOutcome(deps, request, 0);
  if (isFinal(counted.status)) return c.redirect(outcomeUrl(deps, request, counted), 303);
  return c.html(progressPage({ requestId: request.id, steps: await stepsOf(deps, counted) }));
}
