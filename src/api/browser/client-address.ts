import { isIP, isIPv4, isIPv6 } from "node:net";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { TrustedProxies } from "../../config/trusted-proxies.ts";
import type { AppEnv } from "../app-env.ts";

/**
 * Where a call comes from, to count by: an IPv4 address, or the first 64 bits of an IPv6 one, since one subscriber has
 * all of those. The socket's, or what trusted proxies wrote into `X-Forwarded-For`; what others wrote there is theirs to
 * choose, so it is not read.
 */
export function clientAddressOf(c: Context<AppEnv>, trusted: TrustedProxies): string {
  const socket = (c.env as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress ?? "";
  return pickAddress(socket, c.req.header("x-forwarded-for") ?? "", trusted);
}

/** The pure part. Each proxy appended the address that it was called from, so the list is read from its end. */
export function pickAddress(socket: string, forwardedFor: string, trusted: TrustedProxies): string {
  const hops = [...forwardedFor.split(","), socket].map((one) => plainAddress(one.trim()));
  let at = hops.length - 1;
  if (trusted.kind === "count") at = Math.max(0, at - trusted.count);
  if (trusted.kind === "addresses")
    while (at > 0 && isListed(hops[at] ?? "", trusted.addresses) && isIP(hops[at - 1] ?? "") !== 0) at -= 1;
  const found = hops[at] ?? "";
  return networkOf(isIP(found) === 0 ? plainAddress(socket) : found);
}

function isListed(address: string, addresses: { check(address: string, family: "ipv4" | "ipv6"): boolean }) {
  return isIP(address) !== 0 && addresses.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

/** Without port, brackets and zone; IPv4 in IPv6 as IPv4. */
function plainAddress(text: string): string {
  const bare = text.replace(/^\[([^\]]+)\](:\d+)?$/, "$1").replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1");
  return bare.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
}

function networkOf(address: string): string {
  if (!isIPv6(address)) return address || "unknown";
  // Written out by the URL parser; two colons stand for as many zeros as are missing.
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const [left, right] = [head, tail ?? ""].map((part) => part.split(":").filter((group) => group !== ""));
  const missing = tail === undefined ? 0 : 8 - (left?.length ?? 0) - (right?.length ?? 0);
  const groups = [...(left ?? []), ...Array<string>(missing).fill("0"), ...(right ?? [])];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
