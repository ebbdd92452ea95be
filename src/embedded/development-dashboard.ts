import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { secureHeaders } from "hono/secure-headers";
import { decodeJwt } from "jose";
import type { Problem } from "../api/contract/problem.schema.ts";
import type {
  AvailabilityView,
  ProvisionView,
  ReleaseStartedView,
  StartedView,
} from "../api/session/provision.schema.ts";
import { isLive } from "../dashboard/connection-card.ts";
import { developmentPersonMenu, developmentSignInPage } from "../dashboard/development-sign-in-page.ts";
import { type Outcome, organizationPage } from "../dashboard/organization-page.ts";
import { progressView } from "../dashboard/progress-page.ts";
import { type ErrorCode, isErrorCode } from "../domain/error-codes.ts";
import { failureDetail } from "../domain/failure-detail.ts";
import type { HandOverView } from "../dashboard/hand-over.ts";
import { auditPage } from "../dashboard/audit-page.ts";
import { changeConnection } from "./development-connection.ts";
import { changeHandOver, readSetupLinks } from "./development-hand-over.ts";
import { readAuditView } from "./development-audit.ts";
import { developmentOrg, type DevelopmentUser, developmentUsers } from "./development-sessions.ts";

/** Sends a call to the product's API. */
type Api = (path: string, init?: RequestInit) => Promise<Response>;

/** As much of what the API says as this page shows. */
interface Availability extends Pick<
  AvailabilityView,
  "can_start" | "running_request" | "open_requests" | "setup_links" | "connections"
> {
  readonly reason?: ErrorCode;
}

/** As AUTHIO_SESSION_COOKIE has it by default. */
const sessionCookie = "authio_session";
const requestId = /^mspr_\w+$/;
const auditPath = `/v1/session/orgs/${developmentOrg.id}/audit`;
const connectionsPath = `/v1/session/orgs/${developmentOrg.id}/sso-connections`;
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
    const body = (await answer.json()) as Partial<StartedView & Pick<Problem, "code">>;
    for (const cookie of answer.headers.getSetCookie()) c.header("set-cookie", cookie, { append: true });
    return c.redirect(body.consent_url ?? `/?error=${body.code ?? "internal"}`, 303);
  });
  app.post("/dev/release", pages, async (c) => {
    const { connection } = await c.req.parseBody();
    const id = typeof connection === "string" ? encodeURIComponent(connection) : "none";
    const answer = await callApi(c, api, "POST", `${connectionsPath}/${id}/release`);
    const body = (await answer.json()) as Partial<ReleaseStartedView & Pick<Problem, "code">>;
    for (const cookie of answer.headers.getSetCookie()) c.header("set-cookie", cookie, { append: true });
    return c.redirect(body.proof_url ?? `/?error=${body.code ?? "internal"}`, 303);
  });
  app.post("/dev/connection", pages, async (c) => {
    const call: Parameters<typeof changeConnection>[1] = (method, path, body) =>
      callApi(c, api, method, `${connectionsPath}/${path}`, body);
    return c.redirect(await changeConnection(await c.req.parseBody(), call), 303);
  });
  app.post("/dev/cancel", pages, async (c) => {
    const { id } = await c.req.parseBody();
    const isId = typeof id === "string" && requestId.test(id);
    if (isId) await callApi(c, api, "POST", `${apiPath}/${id}/cancel`);
    return c.redirect("/", 303);
  });
  app.post("/dev/setup-link", pages, async (c) => {
    const done = await changeHandOver(await c.req.parseBody(), developmentOrg.id, portalOf(c));
    return typeof done === "string" ? c.redirect(done, 303) : home(c, done);
  });
  const portalOf =
    (c: Context): Parameters<typeof readSetupLinks>[0] =>
    (method, path, body) =>
      callApi(c, api, method, `/v1/portal/setup-links${path}`, body);
  const home = async (c: Context, made?: HandOverView["made"]): Promise<Response> => {
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
        connections: availability.connections.map(withName),
        outcome: await outcomeOf(c, api, availability),
        connectAction: "/dev/connect",
        changeAction: "/dev/connection",
        releaseAction: "/dev/release",
        open: availability.open_requests ?? [],
        cancelAction: "/dev/cancel",
        handOver: availability.setup_links && {
          action: "/dev/setup-link",
          links: (await readSetupLinks(portalOf(c))).map(withMaker),
          made,
        },
        sampleUrl: `${stack.sampleOrigin}/login`,
      }),
    );
  };
  app.get("/", pages, (c) => home(c));
  app.get("/audit", pages, async (c) => {
    c.header("cache-control", "no-store");
    const read = await readAuditView(auditPath, c.req.query(), (path) => callApi(c, api, "GET", path));
    if (!read) return c.html(developmentSignInPage(developmentOrg.name, developmentUsers));
    const person = developmentPersonMenu(developmentUsers, currentPerson(c));
    return c.html(auditPage({ organization: developmentOrg.name, person, ...read }));
  });
  return app;
}

/** For display only; the API is who checks the session. */
function currentPerson(c: Context): string {
  const { name, act_role: role } = decodeJwt(getCookie(c, sessionCookie) ?? "");
  return `${String(name)} (${String(role)})`;
}

/** A dashboard knows its people; the API knows their ids. */
const nameOf = (userId: string): string => developmentUsers.find(({ id }) => id === userId)?.name ?? userId;

function withName<T extends { readonly configured_by: string }>(connection: T): T {
  return { ...connection, configured_by: nameOf(connection.configured_by) };
}

function withMaker<T extends { readonly created_by: string }>(link: T): T {
  return { ...link, created_by: nameOf(link.created_by) };
}

/** What the return parameters say, completed by the status endpoint where this person may see it. */
async function outcomeOf(c: Context, api: Api, availability: Availability): Promise<Outcome> {
  const { ok, connection, error, request } = c.req.query();
  const known = availability.connections.find(({ id }) => id === connection);
  // Said only of a connection that is there: the address bar proves nothing.
  if (ok === "microsoft_connected" && known) return { kind: "connected", connectionId: known.id };
  if (ok === "microsoft_released" && known?.access_released_at !== undefined)
    return { kind: "released", directory: known.entra_domain ?? known.entra_tenant_id };
  if (error !== undefined) {
    const told = (await statusOf(c, api, request))?.error;
    const code = told?.code ?? (isErrorCode(error) ? error : "internal");
    const connectedTenants = availability.connections.filter(isLive).map((one) => one.entra_tenant_id);
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

async function statusOf(c: Context, api: Api, id: string | undefined): Promise<ProvisionView | undefined> {
  if (id === undefined || !requestId.test(id)) return undefined;
  const answer = await callApi(c, api, "GET", `${apiPath}/${id}`);
  return answer.ok ? ((await answer.json()) as ProvisionView) : undefined;
}

/** Passes on what ties the browser: session, browser cookie and where the call comes from. */
function callApi(
  c: Context,
  api: Api,
  method: "GET" | "POST" | "PATCH" | "DELETE",
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
