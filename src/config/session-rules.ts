import { normalUrl } from "../domain/host-name.ts";
import { isOpaqueId } from "../domain/text.ts";
import type { SessionRules } from "./config.ts";
import type { Environment } from "./environment.ts";
import { checkUrl } from "./read-urls.ts";

/** The platform's own issuer; another one sets all three. */
const platform = { issuer: "https://identity.authio.com", audience: "authio" } as const;
/** Asymmetric ones only: the keys are published. */
const knownAlgorithms = ["EdDSA", "RS256", "PS256", "ES256"];
/** Claims of their own that a project can add: with one issuer for all projects, they say nothing. */
const addableClaims = ["org_id", "role"];

/** Who signs dashboard sessions, for which of the platform's projects, and which claims say who may do what. */
export function readSessionRules(env: Environment, insecure: boolean): SessionRules {
  const issuer = env.optional("AUTHIO_SESSION_ISSUER") ?? platform.issuer;
  const isPlatform = issuer === platform.issuer;
  const jwksUrl =
    env.optional("AUTHIO_SESSION_JWKS_URL") ?? `${issuer.replace(/\/+$/, "")}/v1/auth/.well-known/jwks.json`;
  checkUrl(env, "AUTHIO_SESSION_JWKS_URL", jwksUrl, insecure);
  return {
    issuer,
    audience: env.optional("AUTHIO_SESSION_AUDIENCE") ?? platform.audience,
    jwksUrl,
    projectIds: readProjectIds(env),
    algorithms: readAlgorithms(env),
    orgClaim: readClaim(env, "AUTHIO_SESSION_ORG_CLAIM", "act_org", isPlatform),
    roleClaim: readClaim(env, "AUTHIO_SESSION_ROLE_CLAIM", "act_role", isPlatform),
    adminRoles: withDefault(env.list("AUTHIO_SESSION_ADMIN_ROLES"), ["owner", "admin"]),
    cookie: readCookieName(env),
  };
}

/**
 * Dashboard sessions and the tokens that people sign in to applications with must never be taken for one another, so
 * they come from two origins.
 */
export function keepIssuersApart(
  env: Environment,
  { session, ssoOrigin }: { session: SessionRules; ssoOrigin: string },
): void {
  const own = originOfUrl(ssoOrigin);
  if (own !== undefined && originOfUrl(session.issuer) === own)
    env.problem("AUTHIO_SESSION_ISSUER", "must not lie on AUTHIO_SSO_ORIGIN, which issues tokens of its own");
  if (own !== undefined && originOfUrl(session.jwksUrl) === own)
    env.problem(
      "AUTHIO_SESSION_JWKS_URL",
      "must not lie on AUTHIO_SSO_ORIGIN, which publishes keys of its own",
    );
}

const originOfUrl = (url: string): string | undefined =>
  URL.canParse(url) ? normalUrl(new URL(url)).origin : undefined;

function readProjectIds(env: Environment): readonly string[] {
  const ids = env.list("AUTHIO_PROJECT_ID");
  if (ids.length === 0)
    env.problem(
      "AUTHIO_PROJECT_ID",
      "is not set; set it to your project's id (proj_…), several with commas: one key signs the sessions of all projects",
    );
  if (!ids.every(isOpaqueId))
    env.problem("AUTHIO_PROJECT_ID", "must hold ids of 1 to 255 printable characters");
  return ids;
}

function readAlgorithms(env: Environment): readonly string[] {
  const algorithms = withDefault(env.list("AUTHIO_SESSION_ALGORITHMS"), ["EdDSA"]);
  if (!algorithms.every((one) => knownAlgorithms.includes(one)))
    env.problem("AUTHIO_SESSION_ALGORITHMS", `must hold some of ${knownAlgorithms.join(", ")}`);
  return algorithms;
}

function readClaim(env: Environment, name: string, fallback: string, isPlatform: boolean): string {
  const claim = env.optional(name) ?? fallback;
  if (isPlatform && addableClaims.includes(claim))
    env.problem(name, "must not be a claim that any project of the platform can add; leave it unset");
  return claim;
}

/** Without its `__Host-` form, which is looked for first. Names are tokens (RFC 6265 section 4.1.1). */
function readCookieName(env: Environment): string {
  const name = env.optional("AUTHIO_SESSION_COOKIE") ?? "authio_session";
  if (!/^(?!__)[\w!#$%&'*+.^`|~-]{1,64}$/.test(name))
    env.problem("AUTHIO_SESSION_COOKIE", "must be a cookie's name, without the prefix __Host-");
  return name;
}

const withDefault = (given: readonly string[], fallback: readonly string[]): readonly string[] =>
  given.length === 0 ? fallback : given;
