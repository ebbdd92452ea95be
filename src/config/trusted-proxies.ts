import { BlockList, isIP } from "node:net";
import type { Environment } from "./environment.ts";

/**
 * Whose `X-Forwarded-For` is believed: nobody's, that of so many proxies in front of the service, or that of proxies
 * with these addresses.
 */
export type TrustedProxies =
  | { readonly kind: "none" }
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "addresses"; readonly addresses: BlockList };

const countMax = 10;

/** Reads `2`, or `10.0.0.0/8,2001:db8::1`. Undefined for anything else. */
export function parseTrustedProxies(entries: readonly string[]): TrustedProxies | undefined {
  const [first] = entries;
  if (first === undefined) return { kind: "none" };
  if (entries.length === 1 && /^\d{1,2}$/.test(first)) {
    const count = Number(first);
    if (count > countMax) return undefined;
    return count === 0 ? { kind: "none" } : { kind: "count", count };
  }
  const addresses = new BlockList();
  for (const entry of entries) {
    const [, address = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const family = isIP(address);
    const width = family === 4 ? 32 : 128;
    if (family === 0 || Number(bits ?? width) > width) return undefined;
    addresses.addSubnet(address, Number(bits ?? width), family === 4 ? "ipv4" : "ipv6");
  }
  return { kind: "addresses", addresses };
}

export function readTrustedProxies(env: Environment): TrustedProxies {
  const proxies = parseTrustedProxies(env.list("AUTHIO_TRUSTED_PROXIES"));
  if (!proxies)
    env.problem(
      "AUTHIO_TRUSTED_PROXIES",
      "must be how many proxies stand in front (at most 10), or their addresses or ranges, comma-separated",
    );
  return proxies ?? { kind: "none" };
}
