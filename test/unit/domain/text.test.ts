import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { opaqueIdSchema } from "../../../src/domain/ids.schema.ts";
import { plainText } from "../../../src/domain/text.schema.ts";
import { cleanDisplay, isOpaqueId, isPlainText } from "../../../src/domain/text.ts";

const anyText = fc.string({ unit: "binary", maxLength: 80 });
/** Also what no UTF-8 can carry. */
const anyUnits = fc.array(fc.nat(0xffff), { maxLength: 80 }).map((units) => String.fromCharCode(...units));

describe("text for display", () => {
  it.each([
    ["", ""],
    ["Müller & Söhne", "Müller & Söhne"],
    ["Mu\u0308ller", "Müller"],
    ["  Acme\r\n\tLtd \u2028 ", "Acme Ltd"],
    ["Acme\u0000\u001b[31m", "Acme[31m"],
    ["A\ufeffc\u200bm\u00ade", "Acme"],
    ["gro\u202excod\u202c.exe", "groxcod.exe"],
    ["half \ud83d pair \udc00", "half pair"],
    ["\u0000\u200b\ud800", ""],
  ])("%j becomes %j", (given, shown) => {
    expect(cleanDisplay(given, 80)).toBe(shown);
  });

  it("is cut by UTF-16 units between graphemes", () => {
    expect(cleanDisplay("𝔘".repeat(80), 81)).toBe("𝔘".repeat(40));
    expect(cleanDisplay(`${"a".repeat(9)}e\u0323\u0302`, 10)).toBe("a".repeat(9) + "\u1ec7");
    expect(cleanDisplay("🇩🇪🇫🇷", 6)).toBe("🇩🇪");
    expect(cleanDisplay("one two", 4)).toBe("one");
    expect(cleanDisplay(`a${"\u0489".repeat(500)}`, 20)).toBe(`a${"\u0489".repeat(19)}`);
  });

  it("whatever comes in: printable, in NFC, within its length, and the same again", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, anyUnits), fc.integer({ min: 1, max: 40 }), (text, max) => {
        const shown = cleanDisplay(text, max);
        expect(shown.length).toBeLessThanOrEqual(max);
        expect(shown).not.toMatch(/\p{C}|^\s|\s$|\s\s/u);
        expect(shown).toBe(shown.normalize("NFC"));
        expect(cleanDisplay(shown, max)).toBe(shown);
      }),
    );
  });
});

describe("ids of others", () => {
  it.each([
    "org_1",
    "auth0|org_12",
    "urn:org:7/α β",
    " ",
    "組織",
    "'; --",
    "%2F%00",
    "x".repeat(255),
    "𝔘".repeat(255),
  ])("%j is one", (id) => expect(isOpaqueId(id)).toBe(true));
  it.each(["", "x".repeat(256), "𝔘".repeat(256), "a\u0000", "a\nb", "\u007f", "\u2028", "\u202e", "\ud800"])(
    "%j is none",
    (id) => expect(opaqueIdSchema.safeParse(id).success).toBe(false),
  );
});

describe("what a person wrote", () => {
  it("is kept as it is where PostgreSQL takes it", () => {
    for (const text of ["customer asked", "two\nlines\tand a tab\r\n", "👩‍👩‍👧 says so", "\u202eרצה"])
      expect(plainText(500).parse(text)).toBe(text);
    for (const text of ["", "x".repeat(501), "a\u0000b", "\u001b[2J", "\u009b", "\ud800", "\udc00\ud800"])
      expect(plainText(500).safeParse(text).success).toBe(false);
  });

  it("never holds what PostgreSQL refuses", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, anyUnits), (text) => {
        if (isPlainText(text)) expect(Buffer.from(text).toString()).toBe(text);
        if (isPlainText(text)) expect(text).not.toContain("\u0000");
      }),
    );
  });
});
