/**
 * What an address leads to: `public` is global unicast, `loopback` this machine, `other` everything that a stranger must
 * not make us call (private and shared networks, link local, multicast, translations of other addresses, documentation).
 */
export type AddressKind = "public" | "loopback" | "other";

type Range = readonly [address: string, bits: number];

/** IPv4 that is not global unicast. @see https://www.iana.org/assignments/iana-ipv4-special-registry (read 2026-11-28) */
const special4: readonly Range[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Azure's platform, from within a virtual machine.
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/**
 * Within 2000::/3, the only block that is handed out; so v4-mapped and v4-compatible addresses, NAT64 (64:ff9b::/96 and
 * 64:ff9b:1::/48), unique local, link and site local and multicast are outside of it anyhow. Here stand Teredo, ORCHID
 * and other protocols' (2001::/23), documentation, 6to4 and AS112.
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry (read 2026-11-28)
 */
const globalUnicast6: Range = ["2000::", 3];
const special6: readonly Range[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
];

const loopback4: Range = ["127.0.0.0", 8];
const loopback6: Range = ["::1", 128];

/** Reads an address as a resolver or a URL's host gives it, without brackets. What is no address is `other`. */
export function addressKind(address: string): AddressKind {
  const v4 = parseIpv4(address);
  if (v4 !== undefined) {
    if (isWithin(v4, loopback4)) return "loopback";
    return special4.some((range) => isWithin(v4, range)) ? "other" : "public";
  }
  const v6 = parseIpv6(address);
  if (v6 === undefined) return "other";
  if (isWithin(v6, loopback6)) return "loopback";
  return isWithin(v6, globalUnicast6) && !special6.some((range) => isWithin(v6, range)) ? "public" : "other";
}

/** Whether a host is an address rather than a name. */
export function isAddress(host: string): boolean {
  return parseIpv4(host) !== undefined || parseIpv6(host) !== undefined;
}

function isWithin(bytes: readonly number[], [address, bits]: Range): boolean {
  const of = parseIpv4(address) ?? parseIpv6(address) ?? [];
  return (
    of.length === bytes.length &&
    of.every((byte, index) => {
      const counted = Math.min(8, Math.max(0, bits - 8 * index));
      const mask = (0xff << (8 - counted)) & 0xff;
      return (byte & mask) === ((bytes[index] ?? 0) & mask);
    })
  );
}

/** Four decimal numbers without leading zeros, and nothing else: octal, hexadecimal and short forms are no addresses. */
function parseIpv4(text: string): number[] | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** RFC 4291 section 2.2, without a zone: what names an interface of ours is no address of a stranger's. */
function parseIpv6(text: string): number[] | undefined {
  const [head, tail, ...more] = text.split("::");
  if (head === undefined || more.length > 0) return undefined;
  const left = parseGroups(head, tail === undefined);
  const right = tail === undefined ? [] : parseGroups(tail, true);
  if (!left || !right) return undefined;
  const missing = 16 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return [...left, ...Array.from({ length: missing }, () => 0), ...right];
}

/** Bytes of groups between colons; the last may be an IPv4 address. */
function parseGroups(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    const v4 = isLast && index === groups.length - 1 ? parseIpv4(group) : undefined;
    if (v4) bytes.push(...v4);
    else if (/^[0-9a-f]{1,4}$/i.test(group)) bytes.push(parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff);
    else return undefined;
  }
  return bytes;
}
