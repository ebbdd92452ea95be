import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toApplicationFailure } from "../../../src/activities/failures.ts";
import { parseMasterKeyring } from "../../../src/domain/master-keyring.ts";
import { SecretText } from "../../../src/domain/secret-text.ts";
import { open, prepareSeal, rewrap, seal } from "../../../src/sealing/envelope.ts";
import { environmentKeyWrapping } from "../../../src/sealing/environment-key-wrapping.ts";
import type { KeyWrapping } from "../../../src/sealing/key-wrapping.ts";

// Keys that stand elsewhere, as in a cloud's key service: it may be away, and what it says then is not ours to repeat.

const context = ["org_1", "sso_1", "tenant", "app", "key"];
const secret = new SecretText("secret");
const own = environmentKeyWrapping(parseMasterKeyring(randomBytes(32).toString("base64")));
const refuse = () =>
  Promise.reject(new TypeError("connect ECONNREFUSED 10.0.0.7:443, key arn:aws:kms:canary"));
const away: KeyWrapping = { activeKeyId: "elsewhere", wrap: refuse, unwrap: refuse };

describe("a key service that is away", () => {
  const tries: [string, () => Promise<unknown>][] = [
    ["seal", () => seal(away, "sso-secret", context, secret)],
    ["prepareSeal", () => prepareSeal(away, "transit")],
    ["open", async () => open(away, "sso-secret", context, await seal(own, "sso-secret", context, secret))],
    ["rewrap", async () => rewrap(away, "sso-secret", await seal(own, "sso-secret", context, secret))],
    [
      "rewrap, where only the new key is away",
      async () =>
        rewrap(
          { ...away, unwrap: (given, purpose) => own.unwrap(given, purpose) },
          "sso-secret",
          await seal(own, "sso-secret", context, secret),
        ),
    ],
  ];
  it.each(tries)("%s: a step tries again for a day, and nobody hears its words", async (_, attempt) => {
    const error: unknown = await attempt().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "SealingError", code: "sealing_key_unavailable" });
    expect(String(error)).not.toMatch(/canary|10\.0\.0\.7/);
    const hour = 60 * 60_000;
    const failureAfter = (ms: number) => toApplicationFailure(error, { sameCauseMs: ms, elapsedMs: ms });
    expect(failureAfter(23 * hour)).toMatchObject({ type: "sealing_key_unavailable", nonRetryable: false });
    expect(failureAfter(24 * hour)).toMatchObject({ type: "sealing_key_unavailable", nonRetryable: true });
    expect(failureAfter(0).cause).toBeUndefined();
  });
});

it("what a key service knows to be final stays final", async () => {
  const sealed = await seal(own, "sso-secret", context, secret);
  const altered = `${sealed.slice(0, 40)}${sealed[40] === "A" ? "B" : "A"}${sealed.slice(41)}`;
  const error: unknown = await open(own, "sso-secret", context, altered).catch((thrown: unknown) => thrown);
  expect(toApplicationFailure(error, { sameCauseMs: 0, elapsedMs: 0 })).toMatchObject({
    type: "internal",
    nonRetryable: true,
  });
});

it.each([
  { keyId: "elsewhere", wrapped: randomBytes(184) },
  { keyId: "", wrapped: randomBytes(60) },
  { keyId: "x".repeat(256), wrapped: randomBytes(60) },
])("never writes an envelope that would not open", async (wrap) => {
  const keys: KeyWrapping = { ...away, wrap: () => Promise.resolve(wrap) };
  await expect(seal(keys, "sso-secret", context, secret)).rejects.toThrow(RangeError);
});
