import { addressKind, isAddress } from "./public-address.ts";
import type { AttemptError, ResolveHost } from "./webhooks.ts";

const urlUnitsMax = 2000;
const addressesMax = 8;

/**
 * A webhook's address in its one spelling: https, without user and fragment. http too where `allowLoopback` admits this
 * machine. Undefined for anything else.
 */
export function parseWebhookUrl(text: string, allowLoopback: boolean): URL | undefined {
  const url = text.length <= urlUnitsMax && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || `${url.username}${url.password}${url.hash}` !== "") return undefined;
  return url.protocol === "https:" || (allowLoopback && url.protocol === "http:") ? url : undefined;
}

export type CheckedAddresses =
  | { readonly kind: "allowed"; readonly addresses: readonly string[] }
  | { readonly kind: "refused"; readonly error: AttemptError };

/**
 * Looks a URL's host up and judges every address that it leads to: one that may not be called refuses all, so that a
 * name cannot hide a private address among public ones. http is for loopback alone.
 */
export async function checkAddresses(
  url: URL,
  { resolve, allowLoopback }: { readonly resolve: ResolveHost; readonly allowLoopback: boolean },
): Promise<CheckedAddresses> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const found = isAddress(host) ? [host] : await resolve(host).catch(() => []);
  if (found.length === 0) return { kind: "refused", error: "name_not_found" };
  const allowed = allowLoopback ? ["public", "loopback"] : ["public"];
  const isAllowed = found.every((address) => {
    const kind = addressKind(address);
    return allowed.includes(kind) && (url.protocol === "https:" || kind === "loopback");
  });
  return isAllowed
    ? { kind: "allowed", addresses: found.slice(0, addressesMax) }
    : { kind: "refused", error: "address_not_allowed" };
}
