const form = "write it as host:7233";

/** Where Temporal's frontend is. */
export interface TemporalAddress {
  /** `host:port`, an IPv6 address in brackets. */
  readonly address: string;
  /** True where the address said `https://`: the connection is encrypted. */
  readonly wantsTls: boolean;
}

/**
 * Reads `TEMPORAL_ADDRESS`: host and port, the port 7233 where none is given; a scheme and a final slash, which people
 * copy along, mean nothing more than TLS or none.
 * @throws {RangeError} naming what is wrong and the fix, never the value
 */
export function parseTemporalAddress(text: string): TemporalAddress {
  const [, scheme = "", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(text.trim()) ?? [];
  if (!/^(|https?|grpcs?|tcp|temporal|dns)$/i.test(scheme))
    throw new RangeError(`has a scheme that is not Temporal's; ${form}`);
  // gRPC's own form has a third slash: `dns:///host:port`.
  const host = (scheme.toLowerCase() === "dns" ? rest.replace(/^\//, "") : rest).replace(/\/$/, "");
  if (host.includes("@")) throw new RangeError(`names a user; keys go into TEMPORAL_API_KEY, ${form}`);
  if (/[/?#]/.test(host)) throw new RangeError(`has a path; ${form}`);
  if (host.includes(","))
    throw new RangeError(`names several servers; give one, or a name that leads to all`);
  // An IPv6 address without brackets has no port.
  const bare = /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*$/i.test(host) ? `[${host}]` : host;
  const match = /^(\[[0-9a-f:.]+\]|[^\s:[\]]+)(?::(\d*))?$/i.exec(bare);
  if (!match?.[1]) throw new RangeError(`is not a host with a port; ${form}`);
  const port = match[2] === undefined || match[2] === "" ? 7233 : Number(match[2]);
  if (port < 1 || port > 65_535) throw new RangeError("has a port that is not a number from 1 to 65535");
  return { address: `${match[1]}:${port}`, wantsTls: /^(https|grpcs)$/i.test(scheme) };
}
