import { describe, expect, it } from "vitest";
import { requireTyped } from "../../../src/operations/proved-directory.ts";

const tenant = "c0ffee00-1111-4222-8333-444455556666";

describe("what an owner types for a directory that the link was not made for", () => {
  it.each([
    ["the proved domain", "contoso.example", "contoso.example"],
    ["in any case, with spaces", "contoso.example", "  Contoso.EXAMPLE "],
    ["as an address of it", "contoso.example", "ada@contoso.example"],
    ["its id, where no domain is known", tenant, tenant.toUpperCase()],
  ])("is %s", (_name, toType, typed) => {
    expect(() => requireTyped({ domain: undefined, toType }, typed)).not.toThrow();
  });

  it.each([
    undefined,
    "",
    " ",
    "contoso",
    "contoso.example.evil.example",
    "example",
    "*",
    "contoso.example.",
  ])("is not %j", (typed) => {
    expect(() => requireTyped({ domain: "contoso.example", toType: "contoso.example" }, typed)).toThrow(
      expect.objectContaining({ code: "setup_domain_not_typed" }),
    );
  });

  it("is nothing where the link's domain leads there", () => {
    expect(() => requireTyped({ domain: "contoso.example", toType: undefined }, undefined)).not.toThrow();
  });
});
