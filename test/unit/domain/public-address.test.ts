import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressKind, isAddress } from "../../../src/domain/public-address.ts";

describe("an address that is not global unicast is told", () => {
  it.each([
    ["this network", "0.0.0.0", "0.255.255.255"],
    ["private, 10/8", "10.0.0.0", "10.255.255.255"],
    ["shared by carriers", "100.64.0.0", "100.127.255.255"],
    ["Azure's platform", "168.63.129.16", "168.63.129.16"],
    ["link local and metadata", "169.254.0.0", "169.254.169.254"],
    ["private, 172.16/12", "172.16.0.0", "172.31.255.255"],
    ["protocols", "192.0.0.0", "192.0.0.192"],
    ["documentation 1", "192.0.2.0", "192.0.2.255"],
    ["AS112", "192.31.196.0", "192.175.48.255"],
    ["AMT", "192.52.193.0", "192.52.193.255"],
    ["6to4 relays", "192.88.99.0", "192.88.99.255"],
    ["private, 192.168/16", "192.168.0.0", "192.168.255.255"],
    ["benchmarks", "198.18.0.0", "198.19.255.255"],
    ["documentation 2", "198.51.100.0", "198.51.100.255"],
    ["documentation 3", "203.0.113.0", "203.0.113.255"],
    ["multicast", "224.0.0.0", "239.255.255.255"],
    ["reserved and broadcast", "240.0.0.0", "255.255.255.255"],
    ["unspecified", "::", "::"],
    ["v4-mapped", "::ffff:8.8.8.8", "::ffff:7f00:1"],
    ["v4-compatible", "::8.8.8.8", "::7f00:2"],
    ["NAT64", "64:ff9b::8.8.8.8", "64:ff9b::a00:1"],
    ["NAT64, local", "64:ff9b:1::", "64:ff9b:1:ffff::1"],
    ["discard only", "100::", "100::1"],
    ["Teredo", "2001::", "2001:0:ffff::1"],
    ["ORCHID", "2001:10::1", "2001:2f::1"],
    ["documentation", "2001:db8::", "2001:db8:ffff::1"],
    ["documentation, the long one", "3fff::", "3fff:fff::1"],
    ["6to4", "2002::", "2002:7f00:1::"],
    ["AS112", "2620:4f:8000::", "2620:4f:8000:ffff::"],
    ["segment routing", "5f00::", "5f00::1"],
    ["unique local and metadata", "fc00::", "fd00:ec2::254"],
    ["link local", "fe80::1", "febf::1"],
    ["site local", "fec0::", "feff::1"],
    ["multicast", "ff00::", "ff02::1"],
    ["outside what is handed out", "4000::", "fbff::1"],
  ])("%s", (_name, first, last) => {
    expect([addressKind(first), addressKind(last)]).toEqual(["other", "other"]);
  });
  it.each(["127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1"])("%s is loopback", (address) => {
    expect(addressKind(address)).toBe("loopback");
  });
});

it.each([
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.1",
  "168.63.129.15",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "2606:4700::1111",
  "2a00:1450:4001::200e",
  "2001:200::1",
  "2003::1",
  "3ffe::1",
])("%s is public", (address) => expect(addressKind(address)).toBe("public"));

describe("other spellings are no addresses", () => {
  it.each([
    "0177.0.0.1",
    "0x7f.0.0.1",
    "2130706433",
    "127.1",
    "127.0.0.01",
    "1.1.1.1.",
    " 1.1.1.1",
    "256.1.1.1",
    "1.1.1.1.1",

    "[::1]",
    "fe80::1%eth0",
    "2606:4700::1111::",
    ":::1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "::1.2.3",
    "12345::",
    "",
  ])("%s", (text) => expect([isAddress(text), addressKind(text)]).toEqual([false, "other"]));

  it.each([
    ["http://0177.0.0.1/", "127.0.0.1"],
    ["http://0x7f.1/", "127.0.0.1"],
    ["http://2130706433/", "127.0.0.1"],
    ["http://127.1/", "127.0.0.1"],
    ["http://[::ffff:127.0.0.1]/", "::ffff:7f00:1"],
    ["http://１２７.0.0.1/", "127.0.0.1"],
  ])("and a URL has read %s before we do", (url, host) => {
    expect(new URL(url).hostname.replace(/^\[|\]$/g, "")).toBe(host);
    expect(addressKind(host)).not.toBe("public");
  });
});

describe("for any address", () => {
  const v6 = fc
    .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((group) => group.toString(16)).join(":"));

  it("the kind does not depend on its spelling", () => {
    fc.assert(
      fc.property(v6, (long) => {
        const short = new URL(`http://[${long}]/`).hostname.slice(1, -1);
        expect(addressKind(short)).toBe(addressKind(long));
        expect(addressKind(long.toUpperCase())).toBe(addressKind(long));
      }),
    );
  });

  it("what embeds an IPv4 address is never public", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom("::ffff:", "::", "64:ff9b::", "64:ff9b:1::"), (v4, before) => {
        expect(addressKind(before + v4)).not.toBe("public");
      }),
    );
  });

  it("Node's own list of ranges agrees", () => {
    const refused = new BlockList();
    for (const range of [
      "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16",
      "127.0.0.0/8 0.0.0.0/8 224.0.0.0/3 198.18.0.0/15",
    ].flatMap((line) => line.split(" "))) {
      const [net = "", bits] = range.split("/");
      refused.addSubnet(net, Number(bits), "ipv4");
    }
    const near = fc.constantFrom(
      "10",
      "172.16",
      "172.31",
      "172.32",
      "192.168",
      "100.64",
      "100.127",
      "169.254",
      "198.18",
      "8",
    );
    fc.assert(
      fc.property(near, fc.ipV4(), (start, rest) => {
        const address = [...start.split("."), ...rest.split(".")].slice(0, 4).join(".");
        if (refused.check(address, "ipv4")) expect(addressKind(address)).not.toBe("public");
        else expect(addressKind(address)).toBe("public");
      }),
    );
  });

  it("what Node takes for an address is one here, and the other way round", () => {
    const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/));
    fc.assert(
      fc.property(text, (given) => {
        expect(isAddress(given)).toBe(isIP(given) !== 0);
      }),
    );
  });
});
