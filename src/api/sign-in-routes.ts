import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { adminConsentPage, signedInPage } from "../dashboard/signed-in-page.ts";
import { findConnection, recordUsersConsent } from "../db/sso-connections.ts";
import { CodedError } from "../domain/coded-error.ts";
import { connectionIdSchema } from "../domain/ids.schema.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { SignIn, SignInHop } from "../signin/sign-in.ts";
import { connectionLinks } from "./connection-view.ts";
import type { ApiDeps, AppEnv } from "./deps.ts";

const cookieName = "authio_sso_flow";
const flowSeconds = 15 * 60;

/** `GET /v1/sso/oidc/{connectionId}/authorize` */
export async function authorizeSignIn(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { signIn, connection } = await requireSignIn(c, deps);
  return leave(c, await signIn.begin(connection));
}

/** `GET /v1/sso/oidc/{connectionId}/admin-consent`: an administrator of the tenant consents for all its users. */
export async function askAdminConsent(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { signIn, connection } = await requireSignIn(c, deps);
  return leave(c, signIn.beginAdminConsent(connection));
}

/**
 * `GET /v1/sso/oidc/{connectionId}/callback`: the per-connection redirect URI. Without a query (a reload after the
 * page cleaned its address) the sign-in begins anew.
 */
export async function finishSignIn(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { signIn, connection } = await requireSignIn(c, deps);
  const url = new URL(c.req.url);
  const links = connectionLinks(deps.config.ssoOrigin, connection);
  if (url.search === "") return c.redirect(links.sign_in_url, 303);
  const flow = getCookie(c, cookieName, "host");
  if (flow === undefined) throw new CodedError("signin_state_invalid");
  deleteCookie(c, cookieName, { prefix: "host", secure: true, path: "/" });
  if (url.searchParams.has("admin_consent")) {
    signIn.finishAdminConsent(connection, flow, url);
    await recordUsersConsent(deps.database, connection.id, connection.appId);
    return c.html(adminConsentPage(deps.config.dashboardUrl));
  }
  const identity = await signIn.finish(connection, flow, url);
  return c.req.header("accept")?.includes("application/json")
    ? c.json(identity)
    : c.html(
        signedInPage({
          identity,
          signInUrl: links.sign_in_url,
          dashboardUrl: deps.config.dashboardUrl,
        }),
      );
}

function leave(c: Context<AppEnv>, hop: SignInHop): Response {
  setCookie(c, cookieName, hop.flow, {
    prefix: "host",
    secure: true,
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    maxAge: flowSeconds,
  });
  return c.redirect(hop.url, 303);
}

async function requireSignIn(
  c: Context<AppEnv>,
  deps: ApiDeps,
): Promise<{ signIn: SignIn; connection: SsoConnection }> {
  if (!deps.keyed) throw new CodedError("sealing_key_unavailable");
  return { signIn: deps.keyed.signIn, connection: await requireConnection(c, deps) };
}

async function requireConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<SsoConnection> {
  const id = connectionIdSchema.safeParse(c.req.param("connectionId"));
  const connection = id.success ? await findConnection(deps.database, id.data) : undefined;
  if (!connection) throw new CodedError("not_found");
  return connection;
}
