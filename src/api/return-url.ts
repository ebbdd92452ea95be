import type { ReturnHosts } from "../config/config.ts";
import { hasReturnParameter, type ReturnParameter } from "../domain/return-parameters.ts";

const charactersMax = 2048;
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * True for an https URL on a listed host. The authority must equal the host byte for byte as written, which rules out
 * user, port, trailing dot, percent-encoding, backslashes and every other way for two parsers to disagree.
 */
export function isAllowedReturnUrl(value: string, allowed: ReturnHosts): boolean {
  if (
    value.length > charactersMax ||
    !/^[\x21-\x7e]+$/.test(value) ||
    value.includes("\\") ||
    value.includes("#")
  )
    return false;
  const match = /^(https?):\/\/([^/?]+)([/?].*)?$/.exec(value);
  if (!match || !URL.canParse(value)) return false;
  const [, scheme, authority = ""] = match;
  const url = new URL(value);
  if (url.host !== authority || hasReturnParameter(url)) return false;
  if (allowed.allowInsecureLoopback && loopback.test(url.hostname))
    return allowed.hosts.includes(url.hostname) || allowed.hosts.includes(authority);
  return scheme === "https" && url.hostname === authority && allowed.hosts.includes(authority);
}

/**
 * Where the browser ends: the stored URL when it is still allowed now, else the dashboard; with our parameters after
 * its own. What was there stays byte for byte, since a parser that writes a query anew breaks URLs that are signed.
 */
export function buildReturnUrl(
  stored: string | null,
  fallback: string,
  allowed: ReturnHosts,
  answer: Readonly<Partial<Record<ReturnParameter, string>>>,
): string {
  const base = stored !== null && isAllowedReturnUrl(stored, allowed) ? stored : fallback;
  const ours = Object.entries(answer).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${base}${separatorAfter(base)}${ours.join("&")}`;
}

function separatorAfter(url: string): "?" | "&" | "" {
  const query = url.indexOf("?");
  if (query === -1) return "?";
  return query === url.length - 1 || url.endsWith("&") ? "" : "&";
}
