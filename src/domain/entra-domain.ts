const charactersMax = 253;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * A domain as people and programs write it (any case, with the name before it or without), in one form; undefined for
 * what is none. Whose it is, is another question: `tenantOfDomain` asks Microsoft.
 */
export function readDomain(text: string): string | undefined {
  const domain = text.trim().toLowerCase().replace(/^.*@/s, "");
  const labels = domain.split(".");
  const isDomain =
    domain.length <= charactersMax && labels.length > 1 && labels.every((one) => label.test(one));
  // An address has digits in the end, a domain never has.
  return isDomain && !/^\d+$/.test(labels.at(-1) ?? "") ? domain : undefined;
}

/**
 * The domain of a user name in a directory, from `preferred_username`. Undefined for a guest's, whose name leads to a
 * domain that is not theirs (`ada_contoso.com#EXT#@fabrikam.onmicrosoft.com`), and for what is no user name.
 */
export function domainOfUserName(name: unknown): string | undefined {
  if (typeof name !== "string" || /#ext#/i.test(name)) return undefined;
  return /^[^@\s]+@[^@\s]+$/.test(name) ? readDomain(name) : undefined;
}
