import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { findConnection } from "../db/sso-connections.ts";
import { signedInPage } from "../dashboard/pages.ts";
import { CodedError } from "../domain/coded-error.ts";
import { connectionIdSchema } from "../domain/ids.schema.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { ApiDeps, AppEnv } from "./deps.ts";

const cookieName = "authio_sso_flow";
const flowSeconds = 15 * 60;

/** `GET /v1/sso/oidc/{connectionId}/authorize` */
export async function authorizeSignIn(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  if (!deps.consent) throw new CodedError("ms_provision_not_configured");
  const { url, flow } = await deps.consent.signIn.begin(await requireConnection(c, deps));
  setCookie(c, cookieName, flow, {
    prefix: "host",
    secure: true,
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    maxAge: flowSeconds,
  });
  return c.redirect(url, 303);
}

/** `GET /v1/sso/oidc/{connectionId}/callback`: the per-connection redirect URI. */
export async function finishSignIn(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  if (!deps.consent) throw new CodedError("ms_provision_not_configured");
  const connection = await requireConnection(c, deps);
  const flow = getCookie(c, cookieName, "host");
  if (flow === undefined) throw new CodedError("signin_state_invalid");
  deleteCookie(c, cookieName, { prefix: "host", secure: true, path: "/" });
  const identity = await deps.consent.signIn.finish(connection, flow, new URL(c.req.url));
  return c.req.header("accept")?.includes("application/json")
    ? c.json(identity)
    : c.html(signedInPage(identity));
}

async function requireConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<SsoConnection> {
  const id = connectionIdSchema.safeParse(c.req.param("connectionId"));
  const connection = id.success ? await findConnection(deps.database, id.data) : undefined;
  if (!connection) throw new CodedError("not_found");
  return connection;
}
