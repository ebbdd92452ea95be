import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { defaultPayloadConverter } from "@temporalio/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMasterKeyring } from "../../../src/domain/master-keyring.ts";
import { SecretText } from "../../../src/domain/secret-text.ts";
import { open, prepareSeal, rewrap, seal } from "../../../src/sealing/envelope.ts";
import { environmentKeyWrapping } from "../../../src/sealing/environment-key-wrapping.ts";
import type { EnvelopePurpose, KeyWrapping } from "../../../src/sealing/key-wrapping.ts";

const keys = (...ids: string[]): KeyWrapping =>
  environmentKeyWrapping(
    parseMasterKeyring(ids.map((id) => `${id}:${randomBytes(32).toString("base64")}`).join(",")),
  );
const context = ["org_1", "sso_1", "tenant", "app", "key"];
const prefix = "asv1.";
const secret = new SecretText("secret");

describe("envelope", () => {
  it("gives back what was sealed, for any text and context", async () => {
    const a = keys("a");
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 200 }),
        fc.array(fc.string(), { maxLength: 6 }),
        async (text, fields) => {
          const sealed = await seal(a, "sso-secret", fields, new SecretText(text));
          expect((await open(a, "sso-secret", fields, sealed)).reveal()).toBe(text);
        },
      ),
    );
  });

  it("does not open with any single bit flipped", async () => {
    const a = keys("a");
    const sealed = await seal(a, "sso-secret", context, secret);
    const bytes = Buffer.from(sealed.slice(prefix.length), "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expect(open(a, "sso-secret", context, prefix + flipped.toString("base64url"))).rejects.toThrow();
    }
  });

  it("does not open shortened, lengthened, or with stray characters", async () => {
    const a = keys("a");
    const sealed = await seal(a, "sso-secret", context, secret);
    for (let cut = 1; cut < sealed.length; cut += 1)
      await expect(open(a, "sso-secret", context, sealed.slice(0, -cut))).rejects.toThrow();
    for (const altered of [`${sealed}A`, `${sealed}=`, ` ${sealed}`, `${sealed}\n`])
      await expect(open(a, "sso-secret", context, altered)).rejects.toThrow();
  });

  it("does not open in another row, for another purpose or with another key", async () => {
    const a = keys("a");
    const sealed = await seal(a, "sso-secret", context, secret);
    const others: [KeyWrapping, EnvelopePurpose, string[]][] = [
      ...context.map((_, index): [KeyWrapping, EnvelopePurpose, string[]] => [
        a,
        "sso-secret",
        context.with(index, "other"),
      ]),
      [a, "sso-secret", ["org_1s", "so_1", ...context.slice(2)]],
      [a, "transit", context],
      [keys("a"), "sso-secret", context],
    ];
    for (const [wrapping, purpose, fields] of others)
      await expect(open(wrapping, purpose, fields, sealed)).rejects.toMatchObject({
        reason: "not_authentic",
        code: "internal",
      });
    await expect(open(keys("b"), "sso-secret", context, sealed)).rejects.toMatchObject({
      reason: "unknown_key",
      code: "sealing_key_unavailable",
    });
  });

  it("re-wraps under a new active key and leaves the body alone", async () => {
    const [old, young] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
    const ring = (text: string) => environmentKeyWrapping(parseMasterKeyring(text));
    const sealed = await seal(ring(`old:${old}`), "sso-secret", context, secret);
    const both = ring(`new:${young},old:${old}`);
    const again = await rewrap(both, "sso-secret", sealed);
    expect((await open(ring(`new:${young}`), "sso-secret", context, again)).reveal()).toBe("secret");
    const body = (text: string) =>
      Buffer.from(text.slice(prefix.length), "base64url").subarray(-(12 + "secret".length + 16));
    expect(body(again)).toEqual(body(sealed));
    expect(await rewrap(both, "sso-secret", again)).toBe(again);
  });

  it("a data key seals one secret and no second", async () => {
    const sealOne = await prepareSeal(keys("a"), "transit");
    sealOne(context, secret);
    expect(() => sealOne(context, secret)).toThrow("one secret");
  });
});

describe("the cipher beneath", () => {
  // Test case 14 and 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
  it.each([
    {
      key: "00".repeat(32),
      iv: "00".repeat(12),
      plain: "00".repeat(16),
      aad: "",
      cipher: "cea7403d4d606b6e074ec5d3baf39d18",
      tag: "d0d1c8a799996bf0265b98b5d48ab919",
    },
    {
      key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
      iv: "cafebabefacedbaddecaf888",
      plain:
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
      aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
      cipher:
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
      tag: "76fc6ece0f4e1768cddf8853bb2d551b",
    },
  ])("agrees with the published vectors", ({ key, iv, plain, aad, cipher, tag }) => {
    const hex = (text: string) => Buffer.from(text, "hex");
    const encrypting = createCipheriv("aes-256-gcm", hex(key), hex(iv), { authTagLength: 16 }).setAAD(
      hex(aad),
    );
    expect(Buffer.concat([encrypting.update(hex(plain)), encrypting.final()]).toString("hex")).toBe(cipher);
    expect(encrypting.getAuthTag().toString("hex")).toBe(tag);
    expect(() =>
      createDecipheriv("aes-256-gcm", hex(key), hex(iv), { authTagLength: 16 }).setAuthTag(
        hex(tag).subarray(0, 4),
      ),
    ).toThrow("tag length");
  });
});

describe("SecretText", () => {
  it("refuses to be printed or serialised", () => {
    const secret = new SecretText("hunter2-hunter2");
    for (const shown of [
      String(secret),
      inspect(secret),
      inspect({ secret }, { showHidden: true, depth: 5 }),
    ])
      expect(shown).not.toContain("hunter2");
    expect(() => JSON.stringify({ secret })).toThrow("cannot be serialised");
    expect(secret.reveal()).toBe("hunter2-hunter2");
  });
});

it("a plaintext secret returned from an activity is refused by Temporal's converter", () => {
  expect(() => defaultPayloadConverter.toPayload({ secret: new SecretText("hunter2-hunter2") })).toThrow(
    "Unable to convert",
  );
  expect(() => defaultPayloadConverter.toPayload(new SecretText("hunter2-hunter2"))).toThrow(
    "Unable to convert",
  );
});
