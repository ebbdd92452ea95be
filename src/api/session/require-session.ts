import type { Context } from "hono";
import { z } from "zod";
import type { ApiConfig } from "../../config/config.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { originOf } from "../../domain/host-name.ts";
import { opaqueIdSchema, orgIdSchema } from "../../domain/ids.schema.ts";
import type { OrgId } from "../../domain/ids.ts";
import { cleanDisplay } from "../../domain/text.ts";
import { sessionCookieValue } from "../cookies.ts";
import type { AppEnv } from "../app-env.ts";
import { createTokenVerifier } from "./session-tokens.ts";

/** Who is calling: a dashboard session, for one organization. */
export interface Session {
  readonly userId: string;
  readonly orgId: OrgId;
  readonly role: "owner" | "admin" | "member";
  readonly orgName: string | null;
  readonly name: string | null;
}

/** @throws {CodedError} unauthenticated, or service_unavailable when the keys cannot be fetched */
export type SessionVerifier = (token: string) => Promise<Session>;

export const sessionCookie = "authio_session";
const tokenCharactersMax = 8192;

export const displayUnitsMax = 256;

/** What is for display is cleaned or left out and never refuses a session. */
const displayClaim = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === "string" ? cleanDisplay(value, displayUnitsMax) || null : null));

const claimsSchema = z.object({
  sub: opaqueIdSchema,
  org_id: orgIdSchema,
  role: z.enum(["owner", "admin", "member"]),
  org_name: displayClaim,
  name: displayClaim,
});

/** Verifies session JWTs: asymmetric algorithms only; what is signed must name a person and an organization. */
export function createSessionVerifier(session: ApiConfig["session"]): SessionVerifier {
  const verify = createTokenVerifier(session.jwksUrl, {
    algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
    issuer: session.issuer,
    audience: session.audience,
  });
  return async (token) => {
    const claims = claimsSchema.safeParse(await verify(token));
    if (!claims.success) throw new CodedError("unauthenticated");
    const { sub: userId, org_id: orgId, role, org_name: orgName, name } = claims.data;
    return { userId, orgId, role, orgName, name };
  };
}

/**
 * The session of a call, as bearer token or cookie. A cookie on a changing method also needs an own origin, since
 * other sites can make the browser send it.
 * @throws {CodedError} unauthenticated, cross_site_refused
 */
export async function requireSession(
  c: Context<AppEnv>,
  verify: SessionVerifier,
  config: ApiConfig,
): Promise<Session> {
  const header = c.req.header("authorization");
  const bearer = header === undefined ? undefined : /^Bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1];
  if (header !== undefined && bearer === undefined) throw new CodedError("unauthenticated");
  const token = bearer ?? sessionCookieValue(c, sessionCookie);
  if (token === undefined || token.length > tokenCharactersMax) throw new CodedError("unauthenticated");
  const session = await verify(token);
  if (bearer === undefined && c.req.method !== "GET") requireOwnOrigin(c, config);
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

/** Another organization and none at all look the same. @throws {CodedError} not_found, role_not_allowed */
export function requireOrg(session: Session, orgId: string, needs: "member" | "admin"): void {
  if (session.orgId !== orgId) throw new CodedError("not_found");
  if (needs === "admin" && session.role === "member") throw new CodedError("role_not_allowed");
}
