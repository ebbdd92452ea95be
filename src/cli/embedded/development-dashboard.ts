import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { sessionCookie } from "../../api/session.ts";
import { factsOf, isErrorCode } from "../../domain/error-codes.ts";
import { type DevelopmentSessions, developmentOrg, developmentUsers } from "./development-sessions.ts";

interface Availability {
  readonly can_start: boolean;
  readonly reason?: string;
  readonly connections: readonly {
    id: string;
    entra_tenant_id: string;
    app_id: string;
    secret_expires_at: string;
  }[];
}
type Api = (path: string, init?: RequestInit) => Promise<Response>;

/**
 * The plain dashboard of the embedded stack: choose a person, connect Microsoft, see the connection. It talks to the
 * product through its public API only.
 */
export function developmentDashboard(
  sessions: DevelopmentSessions,
  api: Api,
  simulatorOrigin: () => string,
): Hono {
  const app = new Hono();
  app.get("/dev/jwks", (c) => c.json(sessions.jwks));
  app.post("/dev/sign-in", async (c) => {
    const { user } = await c.req.parseBody();
    const chosen = developmentUsers.find(({ id }) => id === user) ?? developmentUsers[0];
    setCookie(c, sessionCookie, await sessions.sign(chosen), { httpOnly: true, sameSite: "Lax", path: "/" });
    return c.redirect("/", 303);
  });
  app.post("/dev/connect", async (c) => {
    // A form of another site must not start anything.
    if (c.req.header("sec-fetch-site") !== undefined && c.req.header("sec-fetch-site") !== "same-origin")
      return c.text("Refused", 403);
    const answer = await callApi(c, api, `/v1/session/orgs/${developmentOrg.id}/ms-provision/start`, "POST");
    const body = (await answer.json()) as { consent_url?: string; code?: string };
    for (const cookie of answer.headers.getSetCookie()) c.header("set-cookie", cookie, { append: true });
    return c.redirect(body.consent_url ?? `/?error=${body.code ?? "internal"}`, 303);
  });
  app.get("/", async (c) => {
    const answer = await callApi(c, api, `/v1/session/orgs/${developmentOrg.id}/ms-provision`, "GET");
    // Chromium applies form-action to the redirects that follow a form, so the consent page's origin stands here too.
    c.header(
      "content-security-policy",
      `default-src 'none'; form-action 'self' ${simulatorOrigin()}; frame-ancestors 'none'; base-uri 'none'`,
    );
    return c.html(page(answer.ok ? ((await answer.json()) as Availability) : undefined, c.req.query()));
  });
  return app;
}

function callApi(c: Context, api: Api, path: string, method: string): Promise<Response> {
  const browser = getCookie(c, "authio_ms_browser", "host");
  return api(path, {
    method,
    headers: {
      authorization: `Bearer ${getCookie(c, sessionCookie) ?? "none"}`,
      host: c.req.header("host") ?? "",
      ...(browser === undefined ? {} : { cookie: `__Host-authio_ms_browser=${browser}` }),
    },
  });
}

function page(availability: Availability | undefined, query: Record<string, string>) {
  const error = query["error"];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Single sign-on – ${developmentOrg.name}</title>
      </head>
      <body>
        <main>
          <h1>${developmentOrg.name}: single sign-on</h1>
          ${query["ok"] === "microsoft_connected" ? html`<p role="status"><strong>Microsoft connected.</strong></p>` : ""}
          ${error ? html`<p role="alert"><strong>${isErrorCode(error) ? factsOf(error).title : "Microsoft was not connected"}.</strong> ${isErrorCode(error) ? `${factsOf(error).detail} ${factsOf(error).action}` : ""}</p>` : ""}
          ${availability ? card(availability) : html`<p>Choose who you are.</p>`}
          <form method="post" action="/dev/sign-in">
            ${developmentUsers.map((user) => html`<button name="user" value="${user.id}">Be ${user.name} (${user.role})</button> `)}
          </form>
        </main>
      </body>
    </html>`;
}

function card(availability: Availability) {
  const reason = availability.reason;
  return html`<form method="post" action="/dev/connect">
      <p>
        Creates one application in your Entra directory. A Global, Privileged Role, Application or Cloud
        Application Administrator approves once.
      </p>
      <button ${availability.can_start ? "" : "disabled"}>Connect Microsoft</button>
      ${isErrorCode(reason) ? html`<p>${factsOf(reason).detail} ${factsOf(reason).action}</p>` : ""}
    </form>
    <ul>
      ${availability.connections.map(
        (one) =>
          html`<li>
            Directory ${one.entra_tenant_id}, application ${one.app_id}, secret good until
            ${one.secret_expires_at.slice(0, 10)}.
            <a href="/v1/sso/oidc/${one.id}/authorize">Sign in with it</a>
          </li>`,
      )}
    </ul>`;
}
