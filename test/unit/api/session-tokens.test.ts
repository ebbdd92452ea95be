import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTokenVerifier } from "../../../src/api/session/session-tokens.ts";

type Answer = { status?: number; type?: string; body: unknown };

let server: Server;
let url: string;
/** What the key endpoint answers, the last one for good; and how often it was asked. */
let answers: Answer[];
let fetches: number;

beforeAll(async () => {
  server = createServer((_request, response) => {
    const {
      status = 200,
      type = "application/json",
      body,
    } = answers[Math.min(fetches, answers.length - 1)] ?? {
      body: "",
    };
    fetches += 1;
    response
      .writeHead(status, { "content-type": type })
      .end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  fetches = 0;
});

const rules = { algorithms: ["ES256", "EdDSA"], issuer: "https://issuer.example", audience: "authio" };

async function signer(kid: string | undefined, alg = "ES256") {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), ...(kid === undefined ? {} : { kid }) };
  const sign = (claims: Record<string, unknown> = {}) =>
    new SignJWT({
      iss: rules.issuer,
      aud: rules.audience,
      exp: Date.now() / 1000 + 600,
      sub: "user_1",
      ...claims,
    })
      .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
      .sign(privateKey);
  return { jwk, sign };
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "ok",
    (error: { code?: string }) => error.code ?? "unforeseen",
  );

describe("after the issuer rotated", () => {
  it("the new key is good at once, also when one answer is still an old one", async () => {
    const [before, after] = [await signer("before"), await signer("after")];
    const [old, both] = [{ body: { keys: [before.jwk] } }, { body: { keys: [before.jwk, after.jwk] } }];
    answers = [old, old, both];
    const verify = createTokenVerifier(url, rules);
    expect(await codeOf(verify(await before.sign()))).toBe("ok");
    expect(await codeOf(verify(await after.sign()))).toBe("ok");
    expect(await codeOf(verify(await before.sign()))).toBe("ok");
    expect(fetches).toBe(3);
  });

  it("nobody is refused while forged tokens have emptied the bucket", async () => {
    const [before, after] = [await signer("before"), await signer("after")];
    answers = [{ body: { keys: [before.jwk] } }];
    const verify = createTokenVerifier(url, rules);
    const seen = new Set<string>();
    for (let nth = 0; nth < 40; nth += 1)
      seen.add(await codeOf(verify(await (await signer(randomUUID(), "EdDSA")).sign())));
    expect([...seen]).toEqual(["no_session", "service_unavailable"]);
    expect(fetches).toBe(5);
    await expect(verify(await after.sign())).rejects.toMatchObject({
      code: "service_unavailable",
      retryAfterMs: expect.closeTo(10_000, -4),
    });
    expect(await codeOf(verify(await before.sign()))).toBe("ok");
    // A known key and a wrong signature are a judgement whatever is left in the bucket.
    expect(await codeOf(verify(await (await signer("before")).sign()))).toBe("no_session");
    expect(fetches).toBe(5);
  });
});

describe("what is not meant for us, or is no token, makes nobody fetch", () => {
  it.each([
    ["another issuer", { iss: "https://evil.example" }],
    ["another audience", { aud: ["other"] }],
    ["none at all", { aud: undefined }],
    ["an expired one", { exp: 1 }],
    ["one without end", { exp: undefined }],
    ["an end as text", { exp: "9999999999" }],
  ])("%s", async (_name, claims) => {
    answers = [{ body: { keys: [(await signer("k")).jwk] } }];
    const token = await (await signer("unknown")).sign(claims);
    expect(await codeOf(createTokenVerifier(url, rules)(token))).toBe("no_session");
    expect(fetches).toBe(0);
  });
  it.each(["", "x", "a.b.c", "..", `${Buffer.from("{}").toString("base64url")}.e30.`])(
    "%j",
    async (token) => {
      expect(await codeOf(createTokenVerifier(url, rules)(token))).toBe("no_session");
      expect(fetches).toBe(0);
    },
  );
});

describe("key sets as they come", () => {
  it.each<[string, (good: JWK, other: JWK) => unknown]>([
    [
      "a key that nobody can use beside it",
      (good) => [{ kty: "EC", crv: "P-256", kid: "k", x: "!", y: "" }, good],
    ],
    ["a key of another kind with the same id", (good, other) => [{ ...other, kid: "k" }, good]],
    ["two keys with one id", (good, other) => [{ ...other, kid: "k" }, good]],
    ["the same key twice", (good) => [good, good]],
    ["entries that are no keys", (good) => [null, 7, "x", [], {}, { kty: "XYZ", kid: 7 }, good]],
    ["a key for encryption with the same id", (good, other) => [{ ...other, kid: "k", use: "enc" }, good]],
  ])("%s", async (_name, keys) => {
    const [good, other] = [await signer("k"), await signer("o", "EdDSA")];
    answers = [{ body: { keys: keys(good.jwk, other.jwk) } }];
    const verify = createTokenVerifier(url, rules);
    expect(await codeOf(verify(await good.sign()))).toBe("ok");
    expect(fetches).toBe(1);
  });

  it("takes tokens without key id, by any key that verifies them", async () => {
    const [first, second, foreign] = [await signer(undefined), await signer("s"), await signer(undefined)];
    answers = [{ body: { keys: [second.jwk, first.jwk] } }];
    const verify = createTokenVerifier(url, rules);
    expect(await codeOf(verify(await first.sign()))).toBe("ok");
    expect(await codeOf(verify(await foreign.sign()))).toBe("no_session");
  });

  it.each<[string, Answer]>([
    ["500", { status: 500, body: "" }],
    ["HTML", { type: "text/html", body: "<html>" }],
    ["no keys", { body: { keys: [] } }],
    ["another shape", { body: [] }],
    ["a redirect", { status: 302, body: "" }],
  ])("%s is no answer: nobody is refused, and what was known stays good", async (_name, bad) => {
    const [good, fresh] = [await signer("k"), await signer("fresh")];
    answers = [bad];
    expect(await codeOf(createTokenVerifier(url, rules)(await good.sign()))).toBe("service_unavailable");
    fetches = 0;
    answers = [{ body: { keys: [good.jwk] } }, bad];
    const verify = createTokenVerifier(url, rules);
    expect(await codeOf(verify(await good.sign()))).toBe("ok");
    expect(await codeOf(verify(await fresh.sign()))).toBe("service_unavailable");
    expect(await codeOf(verify(await good.sign()))).toBe("ok");
  });

  it("an algorithm that is not admitted is refused, the key is known", async () => {
    const weak = await signer("k", "ES384");
    answers = [{ body: { keys: [weak.jwk] } }];
    expect(await codeOf(createTokenVerifier(url, rules)(await weak.sign()))).toBe("no_session");
  });
});
