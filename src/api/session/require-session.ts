import type { Context } from "hono";
import type { ApiConfig } from "../../config/config.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { originOf } from "../../domain/host-name.ts";
import { sessionCookieValue } from "../cookies.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import type { OrgSession, Session } from "./session.ts";

const tokenCharactersMax = 8192;
const readingMethods = ["GET", "HEAD"];

/**
 * The session of a call for the organization in its path, as bearer token or cookie. `admin`: only with an admin role.
 * An impersonated session may read what the person may, and change nothing.
 * @throws {CodedError} no_session, widget_token_not_allowed_here, machine_token_not_allowed, cross_site_refused,
 * organization_not_found (another, or none chosen), insufficient_role, impersonation_not_allowed
 */
export async function requireOrgSession(
  c: Context<AppEnv>,
  deps: Pick<ApiDeps, "sessions" | "config">,
  needs: "member" | "admin",
): Promise<OrgSession> {
  const session = await requireChosenOrg(c, deps);
  if (session.orgId !== c.req.param("orgId")) throw new CodedError("organization_not_found");
  requireRights(c, session, needs);
  return session;
}

/** The session of a call whose path names no organization: the one that it has chosen. Who may, is not asked yet. */
export async function requireChosenOrg(
  c: Context<AppEnv>,
  deps: Pick<ApiDeps, "sessions" | "config">,
): Promise<OrgSession> {
  const session = await requireSession(c, deps);
  const { orgId } = session;
  if (orgId === null) throw new CodedError("organization_not_found");
  return { ...session, orgId };
}

/** @throws {CodedError} insufficient_role, impersonation_not_allowed */
export function requireRights(c: Context<AppEnv>, session: OrgSession, needs: "member" | "admin"): void {
  if (needs === "admin" && !session.isAdmin) throw new CodedError("insufficient_role");
  if (session.isImpersonated && !readingMethods.includes(c.req.method))
    throw new CodedError("impersonation_not_allowed");
}

/** A cookie on a changing method also needs an own origin, since other sites can make the browser send it. */
async function requireSession(
  c: Context<AppEnv>,
  { sessions, config }: Pick<ApiDeps, "sessions" | "config">,
): Promise<Session> {
  const header = c.req.header("authorization");
  const bearer = header === undefined ? undefined : /^Bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1];
  if (header !== undefined && bearer === undefined) throw new CodedError("no_session");
  const token = bearer ?? sessionCookieValue(c, config.session.cookie);
  if (token === undefined || token.length > tokenCharactersMax) throw new CodedError("no_session");
  const session = await sessions(token);
  if (bearer === undefined && !readingMethods.includes(c.req.method)) requireOwnOrigin(c, config);
  return session;
}

function requireOwnOrigin(c: Context<AppEnv>, config: ApiConfig): void {
  const own = [
    config.ssoOrigin,
    config.managementOrigin,
    new URL(config.dashboardUrl).origin,
    ...config.dashboardOrigins,
  ];
  const origin = c.req.header("origin");
  const sameOrigin = c.req.header("sec-fetch-site") === "same-origin";
  if (origin === undefined ? !sameOrigin : !own.includes(originOf(origin) ?? "null"))
    throw new CodedError("cross_site_refused");
}
