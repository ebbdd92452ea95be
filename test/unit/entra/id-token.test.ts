import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CompactSign, exportJWK, generateKeyPair, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExpectedToken, readIdToken } from "../../../src/entra/id-token.ts";

type Claims = Record<string, unknown>;

const issuer = "https://login.example.com/tenant/v2.0";
let server: Server;
let expected: ExpectedToken;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
beforeAll(async () => {
  keys = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "k1", use: "sig" };
  server = createServer((_request, answer) => answer.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const keysUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  expected = { issuer, clientId: "client", nonce: "n", keysUrl, invalid: "signin_token_invalid" };
});
afterAll(() => new Promise((resolve) => void server.close(resolve)));

const now = (): number => Math.floor(Date.now() / 1000);
const good = (): Claims => ({
  iss: issuer,
  aud: "client",
  nonce: "n",
  sub: "pairwise",
  iat: now(),
  nbf: now() - 5,
  exp: now() + 3600,
});

async function token(claims: Claims, header: Record<string, unknown> = {}): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify({ ...good(), ...claims }));
  return new CompactSign(payload)
    .setProtectedHeader({ alg: "RS256", kid: "k1", ...header })
    .sign(keys.privateKey);
}
const read = async (claims: Claims): Promise<Claims> => readIdToken(await token(claims), expected);
const codeOf = async (text: string): Promise<string> =>
  readIdToken(text, expected).then(
    () => "taken",
    (error: { code: string }) => error.code,
  );

/** Everything that a claim has been seen to be instead of what it should be. */
const odd = [null, "", "true", "1700000000", 7, -1, 1e20, true, [], ["x"], {}, { a: 1 }];
const optional = [
  "acct",
  "acrs",
  "amr",
  "at_hash",
  "auth_time",
  "c_hash",
  "email",
  "groups",
  "hasgroups",
  "login_hint",
  "name",
  "nbf",
  "preferred_username",
  "rh",
  "sid",
  "uti",
  "verified_primary_email",
  "wids",
  "xms_edov",
];

describe("an id_token that holds", () => {
  it.each(optional)("is taken whatever %s is", async (claim) => {
    for (const value of claim === "nbf" ? odd.filter((one) => one !== 1e20) : odd)
      expect((await read({ [claim]: value }))[claim]).toEqual(value);
    expect(await read({ [claim]: undefined })).not.toHaveProperty(claim);
  });

  it.each([[now() + 0.5], [now() - 1e5], [1.7e9]])("is taken with iat %d", async (iat) => {
    expect((await read({ iat }))["iat"]).toBe(iat);
  });

  it("may name its one audience in a list, and its key not at all", async () => {
    expect(await read({ aud: ["client"] })).toMatchObject({ aud: ["client"] });
    expect(await codeOf(await token({}, { kid: undefined }))).toBe("taken");
  });
});

describe("an id_token is refused", () => {
  it.each<[string, Claims]>([
    ["of another issuer", { iss: `${issuer}/` }],
    ["without issuer", { iss: undefined }],
    ["for another client", { aud: "other" }],
    ["for another client too", { aud: ["client", "other"] }],
    ["for nobody", { aud: [] }],
    ["with another nonce", { nonce: "m" }],
    ["with a nonce in a list", { nonce: ["n"] }],
    ["without nonce", { nonce: undefined }],
    ["without subject", { sub: undefined }],
    ["with a subject that is no text", { sub: 7 }],
    ["that is over", { exp: now() - 3600 }],
    ["without an end", { exp: undefined }],
    ["with an end that is text", { exp: "9999999999" }],
    ["without the time it was issued", { iat: undefined }],
    ["issued at a text", { iat: String(now()) }],
    ["that begins later", { nbf: now() + 3600 }],
  ])("%s", async (_name, claims) => {
    expect(await codeOf(await token(claims))).toBe("signin_token_invalid");
  });

  it("with a changed claim, another's signature, none, or another algorithm", async () => {
    const [header, , signature] = (await token({})).split(".");
    const changed = Buffer.from(JSON.stringify({ ...good(), oid: "admin" })).toString("base64url");
    const stranger = await generateKeyPair("RS256");
    const forged = await new CompactSign(new TextEncoder().encode(JSON.stringify(good())))
      .setProtectedHeader({ alg: "RS256", kid: "k1" })
      .sign(stranger.privateKey);
    const hmac = await new CompactSign(new TextEncoder().encode(JSON.stringify(good())))
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .sign(new TextEncoder().encode("k".repeat(32)));
    for (const text of [
      `${header}.${changed}.${signature}`,
      forged,
      hmac,
      new UnsecuredJWT(good()).encode(),
      "x",
      "a.b.c",
    ])
      expect(await codeOf(text)).toBe("signin_token_invalid");
  });
});
