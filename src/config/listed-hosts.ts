import { createRequire } from "node:module";
import type { Environment } from "./environment.ts";

// Required: an import reads a CommonJS package for its names before it loads it, the whole list of suffixes here.
const { parse } = createRequire(import.meta.url)("tldts") as typeof import("tldts");

export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** True for a name under which anybody registers (`co.uk`, `github.io`): it is nobody's host. Public suffix list. */
export function isPublicSuffix(hostname: string): boolean {
  const { domain, isIcann, isPrivate } = parse(hostname, { allowPrivateDomains: true });
  return hostname.includes(".") && domain === null && (isIcann === true || isPrivate === true);
}

/** Host names in their one spelling; with `insecure`, loopback hosts too, with or without port. */
export function readHosts(env: Environment, name: string, insecure: boolean): string[] {
  // Case, https's own port and the dot of a fully written name are spelling; a return URL has none of them.
  const hosts = env.list(name).map((entry) =>
    entry
      .toLowerCase()
      .replace(/:443$/, "")
      .replace(/\.(?=(:\d+)?$)/, ""),
  );
  if (hosts.length === 0) env.problem(name, "is not set; list the hosts a browser may be sent back to");
  for (const host of hosts) {
    const loopback = insecure && isLoopback(host.replace(/:\d+$/, ""));
    if (
      !loopback &&
      !/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(host)
    )
      env.problem(name, "must hold plain host names: no scheme, path, port, wildcard or address");
    else if (isPublicSuffix(host))
      env.problem(name, "must hold hosts of your own: one of them is a public suffix, such as co.uk");
  }
  return hosts;
}

/**
 * Where to listen. Plain http is for one machine: with `insecure`, only loopback, which is then the default too.
 */
export function readListenHost(env: Environment, insecure: boolean): string {
  const host = env.optional("HOST");
  if (!insecure) return host ?? "0.0.0.0";
  if (host === undefined) return "127.0.0.1";
  const name = host.toLowerCase();
  if (name !== "::1" && !isLoopback(name))
    env.problem(
      "HOST",
      "must be loopback (leave it out, or 127.0.0.1) while AUTHIO_ALLOW_INSECURE_LOOPBACK=1 admits plain http; a service that others reach runs without that",
    );
  return name.replace(/^\[(.*)\]$/, "$1");
}
