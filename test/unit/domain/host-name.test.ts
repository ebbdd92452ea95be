import { describe, expect, it } from "vitest";
import { hostNameOf, originOf } from "../../../src/domain/host-name.ts";

describe("host names", () => {
  it.each([
    "sso.example.com",
    "SSO.Example.COM",
    "sso.example.com:443",
    "sso.example.com:8443",
    "sso.example.com.",
    "SSO.example.com.:443",
    "sso.example.com:",
  ])("%s is the host it is", (authority) => {
    expect(hostNameOf(authority)).toBe("sso.example.com");
  });

  it.each([
    ["localhost:3000", "localhost"],
    ["127.0.0.1:3000", "127.0.0.1"],
    ["[::1]:3000", "[::1]"],
    ["[0:0:0:0:0:0:0:1]", "[::1]"],
    ["sso.example.com.evil.com", "sso.example.com.evil.com"],
    ["sso.example.com..", "sso.example.com."],
    ["xsso.example.com", "xsso.example.com"],
    ["evil.com@sso.example.com", undefined],
    ["sso.example.com/x", undefined],
    ["sso.example.com\\@evil.com", undefined],
    ["sso.example.com evil.com", undefined],
    ["sso.example.com:x", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j names %j", (authority, name) => {
    expect(hostNameOf(authority)).toBe(name);
  });
});

describe("origins", () => {
  it.each(["https://app.example.com", "https://APP.example.com:443", "HTTPS://app.example.com./"])(
    "%s is one origin",
    (origin) => {
      expect(originOf(origin)).toBe("https://app.example.com");
    },
  );

  it.each([
    ["http://localhost:80", "http://localhost"],
    ["http://localhost:3000", "http://localhost:3000"],
    ["https://app.example.com:80", "https://app.example.com:80"],
    ["http://app.example.com:443", "http://app.example.com:443"],
    ["null", undefined],
    ["", undefined],
    ["app.example.com", undefined],
    ["file:///x", undefined],
    ["https://app.example.com/x", undefined],
    ["https://app.example.com/?", undefined],
    ["https://user@app.example.com", undefined],
    ["https://app.example.com\\.evil.com", undefined],
    ["https://app.example.com, https://evil.com", undefined],
    [undefined, undefined],
  ])("%j is %j", (value, origin) => {
    expect(originOf(value)).toBe(origin);
  });
});
