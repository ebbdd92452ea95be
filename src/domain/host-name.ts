// Two spellings of one host are one host (RFC 9110 section 4.2.3, RFC 3986 section 3.2.2): case, the scheme's own port
// and the dot of a fully written name say nothing.

const authorityShape = /^[^\s/?#@\\]+$/;
const originShape = /^https?:\/\/[^\s/?#@\\]+\/?$/i;

/**
 * The host name in an authority such as a `Host` header: lower case, without port and trailing dot. Undefined where
 * there is none, or more than host and port.
 */
export function hostNameOf(authority: string | undefined): string | undefined {
  if (authority === undefined || !authorityShape.test(authority)) return undefined;
  const url = `http://${authority}`;
  return URL.canParse(url) ? withoutDot(new URL(url).hostname) : undefined;
}

/** An http or https origin in the one spelling that may be compared; undefined for anything else, `null` included. */
export function originOf(value: string | undefined): string | undefined {
  if (value === undefined || !originShape.test(value) || !URL.canParse(value)) return undefined;
  return normalUrl(new URL(value)).origin;
}

/** The URL with its host in that spelling. Its query stays as it is. */
export function normalUrl(url: URL): URL {
  const normal = new URL(url);
  normal.hostname = withoutDot(url.hostname);
  return normal;
}

function withoutDot(hostname: string): string {
  return hostname.replace(/\.$/, "");
}
