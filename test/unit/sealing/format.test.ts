import { createDecipheriv, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseMasterKeyring } from "../../../src/domain/master-keyring.ts";
import { SecretText } from "../../../src/domain/secret-text.ts";
import { open, rewrap, seal } from "../../../src/sealing/envelope.ts";
import { environmentKeyWrapping } from "../../../src/sealing/environment-key-wrapping.ts";

// The bytes of docs/sealing.md: envelopes that were written once and must open for ever, and a reader that knows the
// document and nothing of the code.

const ascending = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
const descending = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index));
const ring = `2026-11:${descending.toString("base64")},default:${ascending.toString("base64")}`;
const keys = environmentKeyWrapping(parseMasterKeyring(ring));
const text = "s3cret-Ω";

const stored = {
  purpose: "sso-secret",
  keyId: "default",
  context: ["org_1", "sso_1", "tenant", "app", "key"],
  envelope:
    "asv1.AQEHZGVmYXVsdBB8OIZJIA9SIPa9PLS26I80fD4s9ODD4UL5imrpyrh5yvFgdxZpob5bMjWRiG0HQ1-B3kmGw8E-fjNF71eq_E5Mxt8mimieDYA92zsrFz1U2osaCofgHTUO01IJGqzB0hg",
} as const;
const travelling = {
  purpose: "transit",
  keyId: "2026-11",
  context: ["mspr_1", "2", "tenant", "obj", "key", "2028-11-25T00:00:00.000Z"],
  envelope:
    "asv1.AQEHMjAyNi0xMRhO5TDIQ-t2bbNHJiDvWSjThCK_aS7UI6RwFQPkmRtvPmNIOKjqFVGVbfeXDL6xJST3_xmV2gGlZzB4PIPV192hbOSLm0hLOY-5RmoV7tUgaLfDWvT7yLpEVORjgMDs0rE",
} as const;

/** Opens an envelope by the document alone. */
function readByTheDocument(masters: Record<string, Buffer>, purpose: string, context: readonly string[]) {
  const fields = (list: readonly string[]) =>
    Buffer.concat(
      list.map((field) => {
        const bytes = Buffer.from(field);
        return Buffer.concat([Buffer.from(bytes.length.toString(16).padStart(8, "0"), "hex"), bytes]);
      }),
    );
  const gcm = (key: Buffer, nonce: Buffer, sealed: Buffer, tag: Buffer, associated: Buffer) => {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
    decipher.setAAD(associated).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  };
  return (envelope: string) => {
    expect(envelope).toMatch(/^asv1\.[\w-]+$/);
    const bytes = Buffer.from(envelope.slice(5), "base64url");
    const [version, suite, n = 0] = bytes;
    const keyId = bytes.subarray(3, 3 + n).toString();
    const wrapping = Buffer.from(
      hkdfSync("sha256", masters[keyId] ?? Buffer.alloc(0), Buffer.alloc(0), `authio/${purpose}/v1`, 32),
    );
    const dataKey = gcm(
      wrapping,
      bytes.subarray(3 + n, 15 + n),
      bytes.subarray(15 + n, 47 + n),
      bytes.subarray(47 + n, 63 + n),
      fields(["authio/wrap/v1", purpose, keyId]),
    );
    const secret = gcm(
      dataKey,
      bytes.subarray(63 + n, 75 + n),
      bytes.subarray(75 + n, -16),
      bytes.subarray(-16),
      fields([`authio/${purpose}/v1`, ...context]),
    );
    return { version, suite, keyId, secret: secret.toString() };
  };
}

describe("the format at rest", () => {
  it.each([stored, travelling])("opens what was written before: $purpose under $keyId", async (vector) => {
    const read = readByTheDocument(
      { default: ascending, "2026-11": descending },
      vector.purpose,
      vector.context,
    );
    expect((await open(keys, vector.purpose, vector.context, vector.envelope)).reveal()).toBe(text);
    expect(read(vector.envelope)).toEqual({ version: 1, suite: 1, keyId: vector.keyId, secret: text });
  });

  it.each([stored, travelling])("writes what the document says: $purpose", async ({ purpose, context }) => {
    const read = readByTheDocument({ "2026-11": descending }, purpose, context);
    const sealed = await seal(keys, purpose, context, new SecretText(text));
    expect(read(sealed)).toEqual({ version: 1, suite: 1, keyId: "2026-11", secret: text });
  });

  it("re-wraps what was written before", async () => {
    const again = await rewrap(keys, stored.purpose, stored.envelope);
    const read = readByTheDocument({ "2026-11": descending }, stored.purpose, stored.context);
    expect(read(again)).toEqual({ version: 1, suite: 1, keyId: "2026-11", secret: text });
  });
});
