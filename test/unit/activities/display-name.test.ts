import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayNameOf } from "../../../src/activities/configure-oidc.ts";
import type { OrgId } from "../../../src/domain/ids.ts";

const prefix = "Authio SSO – ";
const room = 120 - prefix.length;
const nameOf = (orgName: string | null, orgId = "org_1") => displayNameOf({ orgName, orgId: orgId as OrgId });
describe("the application's name", () => {
  it.each([
    ["Contoso", "Contoso"],
    ["  Conto\u0000so \n Ltd\u202E ", "Contoso Ltd"],
    [null, "org_1"],
    ["\u0000\u200B", "org_1"],
    ["\uD800", "org_1"],
  ])("of %j is %j", (orgName, shown) => expect(nameOf(orgName)).toBe(prefix + shown));

  it.each([
    ["letters outside the basic plane", "𝔸".repeat(80), "𝔸".repeat(Math.floor(room / 2))],
    ["flags, two letters each", "🇪🇺".repeat(80), "🇪🇺".repeat(Math.floor(room / 4))],
    ["letters with two marks", "q\u0323\u0308".repeat(80), "q\u0323\u0308".repeat(Math.floor(room / 3))],
    ["words", "word ".repeat(80), "word ".repeat(80).slice(0, room).trimEnd()],
    ["a letter with more marks than fit", `x${"\u0301".repeat(200)}`, "org_1"],
  ])("is cut between graphemes: %s", (_what, orgName, shown) => expect(nameOf(orgName)).toBe(prefix + shown));

  it("is cut for a long id too", () => expect(nameOf(null, "i".repeat(255))).toHaveLength(120));

  it("fits, whatever the organization is called", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (orgName) => {
        const name = nameOf(orgName);
        expect(name.length).toBeLessThanOrEqual(120);
        expect(name).toMatch(/^Authio SSO – \S/u);
        // A half of a surrogate pair does not come through as itself.
        expect(Buffer.from(name).toString()).toBe(name);
      }),
    );
  });
});
