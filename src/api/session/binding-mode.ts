import type { Context } from "hono";
import { parse } from "tldts";
import type { ApiConfig } from "../../config/config.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { hostNameOf, originOf } from "../../domain/host-name.ts";
import type { StarterBinding } from "../../domain/provision-request.ts";
import type { AppEnv } from "../app-env.ts";

/**
 * How the finisher will be tied to the starter. What the body asks for, where it can work; else the cookie for a call
 * that a browser made on the sso origin from the same site, and confirmation for every other: served elsewhere, made
 * from another site, or by a backend, which would keep the cookie to itself. The return host never decides, except that
 * confirmation goes only through a dashboard that the operator runs.
 * @throws {CodedError} binding_unavailable
 */
export function chooseBinding(
  c: Context<AppEnv>,
  config: ApiConfig,
  wanted: { binding: StarterBinding | undefined; returnTo: string | undefined },
): StarterBinding {
  const caller = callerOf(c, config);
  const cookieSticks = isServedOnSsoOrigin(c, config) && caller !== "another site";
  const binding = wanted.binding ?? (cookieSticks && caller === "same site" ? "cookie" : "confirm");
  const possible =
    binding === "cookie"
      ? cookieSticks
      : isConfirmHost(wanted.returnTo ?? config.dashboardUrl, config.confirmHosts);
  if (!possible) throw new CodedError("binding_unavailable");
  return binding;
}

/**
 * Who called, by the two headers that browsers set and pages cannot: `Origin` (RFC 6454) and `Sec-Fetch-Site` (Fetch
 * Metadata). A backend sends neither, or passes on its browser's. Where they differ, the worse one holds.
 */
function callerOf(c: Context<AppEnv>, config: ApiConfig): "same site" | "another site" | "backend" {
  const origin = c.req.header("origin");
  const given = c.req.header("sec-fetch-site");
  // "none" is a person's own doing, such as a bookmark: it says nothing about a site.
  const fetchSite = given === "none" ? undefined : given;
  if (origin === undefined && fetchSite === undefined) return "backend";
  const sameSite =
    (origin === undefined || isSameSite(origin, config.ssoOrigin)) &&
    (fetchSite === undefined || fetchSite === "same-origin" || fetchSite === "same-site");
  return sameSite ? "same site" : "another site";
}

/** Cookies do not know ports, so hosts are compared without them. */
function isServedOnSsoOrigin(c: Context<AppEnv>, config: ApiConfig): boolean {
  if (config.role === "management") return false;
  if (config.role === "sso" || config.ssoOrigin === config.managementOrigin) return true;
  return hostNameOf(c.req.header("host")) === hostNameOf(new URL(config.ssoOrigin).host);
}

/** Same scheme and registrable domain (public suffix list); hosts without one must be equal. */
function isSameSite(origin: string, other: string): boolean {
  const given = originOf(origin);
  if (given === undefined) return false;
  const [a, b] = [new URL(given), new URL(other)];
  const site = (url: URL): string =>
    parse(url.hostname, { allowPrivateDomains: true }).domain ?? url.hostname;
  return a.protocol === b.protocol && site(a) === site(b);
}

export function isConfirmHost(returnUrl: string, confirmHosts: readonly string[]): boolean {
  const { host, hostname } = new URL(returnUrl);
  return confirmHosts.includes(host) || confirmHosts.includes(hostname);
}
