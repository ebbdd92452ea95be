import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseMasterKeyring } from "../../../src/domain/master-keyring.ts";
import { derivePurposeKeys } from "../../../src/sealing/purpose-keys.ts";

const bytes = randomBytes(64);
const base64 = (count: number): string => bytes.subarray(0, count).toString("base64");
const key = bytes.subarray(0, 32);

describe("the master keyring", () => {
  it.each([
    ["32 bytes", base64(32)],
    ["48 bytes, of which 32 count", base64(48)],
    ["64 bytes, wrapped as openssl does", `${base64(64).slice(0, 64)}\n${base64(64).slice(64)}`],
    ["33 bytes with two signs of padding", base64(34)],
  ])("reads a bare key of %s", (_name, text) => {
    expect(parseMasterKeyring(text)).toEqual({ activeId: "default", keys: new Map([["default", key]]) });
  });

  it("reads a ring, the first active, a bare key as default", () => {
    const ring = parseMasterKeyring(`2026-11:${randomBytes(40).toString("base64")}, ${base64(32)}`);
    expect(ring.activeId).toBe("2026-11");
    expect([...ring.keys.keys()]).toEqual(["2026-11", "default"]);
    expect(ring.keys.get("default")).toEqual(key);
  });

  it.each([
    ["31 bytes", base64(31), "fewer than 32 bytes"],
    [
      "base64url",
      `${base64(32).slice(0, 20)}-_${base64(32).slice(22)}`.replaceAll(/[+/]/g, "-"),
      "base64url",
    ],
    ["no padding", base64(32).replace("=", ""), "padding"],
    ["text", "correct horse battery staple and more of them", "not base64"],
    ["nothing", "new:", "empty"],
    ["a trailing comma", `${base64(32)},`, "share one id"],
    ["zeros", Buffer.alloc(32).toString("base64"), "not random"],
    [
      "zeros before what does not count",
      Buffer.concat([Buffer.alloc(32), key]).toString("base64"),
      "not random",
    ],
    ["two bare keys", `${base64(32)},${base64(64)}`, "share one id"],
    ["an id with a space", `my key:${base64(32)}`, "key id"],
  ])("says what is wrong with %s, without the value", (_name, text, problem) => {
    const parse = () => parseMasterKeyring(text);
    expect(parse).toThrow(problem);
    expect(parse).not.toThrow(text.slice(0, 12));
  });

  it("derives the same keys whichever is active, the active one first", () => {
    const [a, b] = [`a:${base64(32)}`, `b:${randomBytes(32).toString("base64")}`];
    const [ab, ba] = [`${a},${b}`, `${b},${a}`].map((ring) =>
      derivePurposeKeys(parseMasterKeyring(ring), "sign-in"),
    );
    expect(ab?.all).toEqual(ba?.all.toReversed());
    expect(ab?.all[0]).toEqual(ab?.active);
    expect(ab?.active).not.toEqual(ba?.active);
  });
});
