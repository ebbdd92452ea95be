const charactersMax = 253;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** With the local part before it, as RFC 5321 section 4.5.3.1 bounds it. */
export const addressCharactersMax = 320;

/**
 * A domain as people and programs write it (any case, with the name before it or without, in full-width letters of an
 * input method or in letters of its own), in the one form that DNS and Microsoft know; undefined for what is none. Whose it is, is another question: `tenantOfDomain` asks Microsoft.
 */
export function readDomain(text: string): string | undefined {
  const typed = text.normalize("NFKC").replaceAll("\u3002", ".").trim().toLowerCase().replace(/^.*@/s, "");
  const domain = asciiOf(typed);
  const labels = domain.split(".");
  const isDomain =
    domain.length <= charactersMax && labels.length > 1 && labels.every((one) => label.test(one));
  // An address has digits in the end, a domain never has.
  return isDomain && !/^\d+$/.test(labels.at(-1) ?? "") ? domain : undefined;
}

/** UTS 46, as browsers do it. */
function asciiOf(domain: string): string {
  const isForeign = /\P{ASCII}/u.test(domain) && /^[\p{L}\p{M}\p{N}.-]+$/u.test(domain);
  return isForeign && URL.canParse(`https://${domain}`) ? new URL(`https://${domain}`).hostname : domain;
}

/**
 * The domain of a user name in a directory, from `preferred_username`. Undefined for a guest's, whose name leads to a
 * domain that is not theirs (`ada_contoso.com#EXT#@fabrikam.onmicrosoft.com`), and for what is no user name.
 */
export function domainOfUserName(name: unknown): string | undefined {
  if (typeof name !== "string" || /#ext#/i.test(name)) return undefined;
  return /^[^@\s]+@[^@\s]+$/.test(name) ? readDomain(name) : undefined;
}
