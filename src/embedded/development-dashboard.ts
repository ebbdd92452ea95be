import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { secureHeaders } from "hono/secure-headers";
import { decodeJwt } from "jose";
import { developmentPersonMenu, developmentSignInPage } from "../dashboard/development-sign-in-page.ts";
import { type ConnectionView, type Outcome, organizationPage } from "../dashboard/organization-page.ts";
import type { OpenAttempt } from "../dashboard/open-attempts.ts";
import { progressView } from "../dashboard/progress-page.ts";
import { type ErrorCode, isErrorCode } from "../domain/error-codes.ts";
import { failureDetail } from "../domain/failure-detail.ts";
import type { StepProgress } from "../domain/provision-contract.ts";
import { developmentOrg, type DevelopmentUser, developmentUsers } from "./development-sessions.ts";

/** Sends a call to the product's API. */
type Api = (path: string, init?: RequestInit) => Promise<Response>;

interface Availability {
  readonly can_start: boolean;
  readonly reason?: ErrorCode;
  readonly running_request?: { readonly id: string };
  readonly open_requests?: readonly OpenAttempt[];
  readonly connections: readonly ConnectionView[];
}
interface Status {
  readonly steps: readonly (StepProgress & { started_at?: string })[];
  readonly error?: {
    readonly code: ErrorCode;
    readonly detail: string;
    readonly microsoft?: { readonly code: string; readonly correlation_id?: string };
    readonly at?: string;
  };
}

/** As AUTHIO_SESSION_COOKIE has it by default. */
const sessionCookie = "authio_session";
const requestId = /^mspr_\w+$/;
const apiPath = `/v1/session/orgs/${developmentOrg.id}/ms-provision`;

/**
 * The dashboard of the embedded stack, and the reference for dashboards of others: it knows the product through its
 * public API only. Its sign-in asks for no password and exists nowhere else.
 */
export function developmentDashboard(
  stack: {
    sessionOf: (user: DevelopmentUser) => Promise<string>;
    sampleOrigin: string;
    simulatorOrigin: string;
  },
  api: Api,
): Hono {
  const app = new Hono();
  const pages = secureHeaders({
    xFrameOptions: "DENY",
    referrerPolicy: "same-origin",
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      // Chromium applies form-action to the redirects that follow a form, so the consent page's origin stands here too.
      formAction: ["'self'", stack.simulatorOrigin],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  });
  app.post("/dev/sign-in", pages, async (c) => {
    const { user } = await c.req.parseBody();
    const chosen = developmentUsers.find(({ id }) => id === user) ?? developmentUsers[0];
    setCookie(c, sessionCookie, await stack.sessionOf(chosen), {
      httpOnly: true,
      sameSite: "Lax",
      path: "/",
    });
    return c.redirect("/", 303);
  });
  app.post("/dev/connect", pages, async (c) => {
    const { connection, additional } = await c.req.parseBody();
    const answer = await callApi(c, api, "POST", `${apiPath}/start`, {
      ...(typeof connection === "string" ? { connection } : {}),
      ...(additional === undefined ? {} : { additional: true }),
    });
    const body = (await answer.json()) as { consent_url?: string; code?: string };
    for (const cookie of answer.headers.getSetCookie()) c.header("set-cookie", cookie, { append: true });
    return c.redirect(body.consent_url ?? `/?error=${body.code ?? "internal"}`, 303);
  });
  app.post("/dev/cancel", pages, async (c) => {
    const { id } = await c.req.parseBody();
    const isId = typeof id === "string" && requestId.test(id);
    if (isId) await callApi(c, api, "POST", `${apiPath}/${id}/cancel`);
    return c.redirect("/", 303);
  });
  app.get("/", pages, async (c) => {
    c.header("cache-control", "no-store");
    const answer = await callApi(c, api, "GET", apiPath);
    if (answer.status === 401) return c.html(developmentSignInPage(developmentOrg.name, developmentUsers));
    const availability: Availability = answer.ok
      ? ((await answer.json()) as Availability)
      : { can_start: false, reason: "service_unavailable", connections: [] };
    return c.html(
      organizationPage({
        organization: developmentOrg.name,
        person: developmentPersonMenu(developmentUsers, currentPerson(c)),
        canStart: availability.can_start,
        reason: availability.reason,
        connections: availability.connections,
        outcome: await outcomeOf(c, api, availability),
        connectAction: "/dev/connect",
        open: availability.open_requests ?? [],
        cancelAction: "/dev/cancel",
        sampleUrl: `${stack.sampleOrigin}/login`,
      }),
    );
  });
  return app;
}

/** For display only; the API is who checks the session. */
function currentPerson(c: Context): string {
  const { name, act_role: role } = decodeJwt(getCookie(c, sessionCookie) ?? "");
  return `${String(name)} (${String(role)})`;
}

/** What the return parameters say, completed by the status endpoint where this person may see it. */
async function outcomeOf(c: Context, api: Api, availability: Availability): Promise<Outcome> {
  const { ok, connection, error, request } = c.req.query();
  const known = availability.connections.find(({ id }) => id === connection);
  // Said only of a connection that is there: the address bar proves nothing.
  if (ok === "microsoft_connected" && known) return { kind: "connected", connectionId: known.id };
  if (error !== undefined) {
    const told = (await statusOf(c, api, request))?.error;
    const code = told?.code ?? (isErrorCode(error) ? error : "internal");
    const connectedTenants = availability.connections.map((one) => one.entra_tenant_id);
    return {
      kind: "failed",
      failure: {
        code,
        detail: told?.detail ?? failureDetail(code, { connectedTenants }),
        reference: request !== undefined && requestId.test(request) ? request : "none",
        microsoft: told?.microsoft && {
          code: told.microsoft.code,
          correlationId: told.microsoft.correlation_id,
        },
        at: new Date(told?.at ?? Date.now()),
      },
    };
  }
  const running = availability.running_request?.id;
  const status = await statusOf(c, api, running);
  if (running === undefined || !status) return { kind: "none" };
  const steps = status.steps.map(({ started_at: startedAt, ...step }) => ({
    ...step,
    ...(startedAt === undefined ? {} : { startedAt }),
  }));
  return { kind: "running", requestId: running, progress: progressView(steps) };
}

async function statusOf(c: Context, api: Api, id: string | undefined): Promise<Status | undefined> {
  if (id === undefined || !requestId.test(id)) return undefined;
  const answer = await callApi(c, api, "GET", `${apiPath}/${id}`);
  return answer.ok ? ((await answer.json()) as Status) : undefined;
}

/** Passes on what ties the browser: session, browser cookie and where the call comes from. */
function callApi(
  c: Context,
  api: Api,
  method: "GET" | "POST",
  path: string,
  body?: object,
): Promise<Response> {
  const headers = new Headers();
  for (const name of ["cookie", "host", "origin", "sec-fetch-site"]) {
    const value = c.req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  if (getCookie(c, sessionCookie) === undefined) headers.delete("cookie");
  return api(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
