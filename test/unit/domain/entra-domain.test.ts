import { describe, expect, it } from "vitest";
import { domainOfUserName, readDomain } from "../../../src/domain/entra-domain.ts";

describe("a domain", () => {
  it.each([
    ["contoso.com", "contoso.com"],
    [" Ada@Contoso.COM ", "contoso.com"],
    ["a@b@contoso.com", "contoso.com"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["contoso.onmicrosoft.com", "contoso.onmicrosoft.com"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["ada@BU\u0308CHER.example", "xn--bcher-kva.example"],
    ["ａｄａ＠ｃｏｎｔｏｓｏ．ｃｏｍ", "contoso.com"],
    ["ada@contoso\u3002com", "contoso.com"],
  ])("%j is %s", (text, domain) => expect(readDomain(text)).toBe(domain));

  it.each([
    [""],
    ["localhost"],
    ["contoso.com."],
    [".com"],
    ["a..b"],
    ["-a.com"],
    ["a-.com"],
    ["a b.com"],
    ["contoso.com/x"],
    ["contoso.com:443"],
    ["../common"],
    ["10.0.0.1"],
    ["bü cher.example"],
    ["bücher.example/x"],
    ["bücher.example:443"],
    ["ü"],
    ["ü\u0000.example"],
    ["１０．０．０．１"],
    [`${"a".repeat(64)}.com`],
    [`${"a.".repeat(130)}com`],
  ])("%j is none", (text) => expect(readDomain(text)).toBeUndefined());
});

describe("the domain of a user name", () => {
  it("is what stands behind the @", () =>
    expect(domainOfUserName("Ada.Lovelace@Contoso.com")).toBe("contoso.com"));

  it.each([
    ["ada_contoso.com#EXT#@fabrikam.onmicrosoft.com"],
    ["ada_contoso.com#ext#@fabrikam.example"],
    ["ada"],
    ["contoso.com"],
    ["@contoso.com"],
    ["a b@contoso.com"],
    ["a@b@contoso.com"],
    [null],
    [7],
    [{}],
    [["ada@contoso.com"]],
    [undefined],
  ])("%j leads to none", (name) => expect(domainOfUserName(name)).toBeUndefined());
});
