import { describe, expect, it } from "vitest";
import { pickAddress } from "../../../src/api/browser/client-address.ts";
import { parseTrustedProxies, type TrustedProxies } from "../../../src/config/trusted-proxies.ts";

const trusting = (text: string): TrustedProxies =>
  parseTrustedProxies(text.split(",").filter((entry) => entry !== "")) ?? { kind: "none" };

describe("the address that is counted by", () => {
  it.each([
    ["nobody is trusted", "", "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    ["none in front", "0", "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    ["one proxy", "1", "10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["one proxy, and what the caller made up", "1", "10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"],
    ["two proxies", "2", "10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2", "198.51.100.1"],
    ["fewer hops than said", "2", "10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["no header", "1", "10.0.0.1", "", "10.0.0.1"],
    ["junk in the header", "1", "10.0.0.1", "nonsense", "10.0.0.1"],
    ["a range", "10.0.0.0/8", "10.1.2.3", "1.2.3.4, 198.51.100.1, 10.9.9.9", "198.51.100.1"],
    ["a caller outside the range", "10.0.0.0/8", "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    ["all of them listed", "10.0.0.0/8", "10.1.2.3", "10.9.9.9", "10.9.9.9"],
    ["junk behind a listed one", "10.0.0.0/8", "10.1.2.3", "x, 10.9.9.9", "10.9.9.9"],
    ["IPv4 in IPv6", "10.0.0.0/8", "::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1"],
    ["ports", "1", "10.0.0.1", "198.51.100.1:5123", "198.51.100.1"],
    ["IPv6 by its network", "", "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"],
    ["IPv6 written short", "", "2001:db8::1", "", "2001:db8:0:0::/64"],
    ["IPv6 with brackets, port and zone", "1", "::1", "[fe80::1%eth0]:443", "fe80:0:0:0::/64"],
    ["an IPv6 proxy", "2001:db8::/32", "2001:db8::9", "198.51.100.1", "198.51.100.1"],
    ["no socket", "", "", "198.51.100.1", "unknown"],
  ])("%s", (_name, proxies, socket, header, expected) => {
    expect(pickAddress(socket, header, trusting(proxies))).toBe(expected);
  });

  it.each(["11", "x", "10.0.0.0/33", "10.0.0.1,", "10.0.0.1/", "1,2", "2001:db8::/129", "-1"])(
    "%s is not understood",
    (text) => {
      expect(parseTrustedProxies(text.split(","))).toBeUndefined();
    },
  );
});
