import { decodeJwt, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/db/client.ts";
import { parseMasterKeyring } from "../../src/domain/master-keyring.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { environmentKeyWrapping } from "../../src/sealing/environment-key-wrapping.ts";
import { createSigningKeys, type SigningKeys } from "../../src/signin/signing-keys.ts";
import { applicationsFile, hosting, nextOf, notes } from "../support/applications.ts";
import { createOidcDriver, type OidcDriver, type Query } from "../support/openid.ts";
import { connect, type Product, startProduct } from "../support/product.ts";

// OpenID Connect Core 3.1.2.1, `id_token_hint`: the person it names signs in, or nobody.

const file = applicationsFile();
let product: Product;
let driver: OidcDriver;
let database: Database;
/** The product's own keys, to sign what it never would. */
let keys: SigningKeys;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: file.file });
  await product.startWorker();
  driver = await createOidcDriver(product);
  database = openDatabase(product.environment["DATABASE_URL"] ?? "");
  const keyring = parseMasterKeyring(product.environment["AUTHIO_IMPORT_CREDS_KEY"] ?? "");
  keys = createSigningKeys({ database, keyWrapping: environmentKeyWrapping(keyring) });
});
afterAll(async () => {
  await database.close();
  await product.stop();
  file.remove();
});

const [admin, member] = [0, 1];

/** Signs a user in and gives the ID token; the browser stays signed in at Microsoft. */
async function idTokenOf(user: number, browser = new Browser()): Promise<string> {
  const asked = await driver.ask();
  return (await driver.grant(asked, await driver.answerOf(asked, browser, user))).id_token ?? "";
}

/** Where the application is answered without anybody being asked. */
async function silently(browser: Browser, query: Query) {
  const asked = await driver.ask({ prompt: "none", ...query });
  const end = new URL(await nextOf(browser, await nextOf(browser, await nextOf(browser, asked.url.href))));
  return { asked, end };
}

/** The error that a request is answered with at once, before Microsoft is asked. */
async function refusalOf(query: Query): Promise<string> {
  const asked = await driver.ask(query);
  const end = new URL(await nextOf(new Browser(), asked.url.href));
  expect([end.origin + end.pathname, end.searchParams.get("state")]).toEqual([notes.otherUri, asked.state]);
  return end.searchParams.get("error") ?? "none";
}

const rs256 = { algorithm: "RS256", type: "JWT" } as const;

describe("the person whom the hint names", () => {
  it("signs in, without being asked where Microsoft remembers them", async () => {
    const browser = new Browser();
    const hint = await idTokenOf(member, browser);
    const { asked, end } = await silently(browser, { id_token_hint: hint });
    expect((await driver.grant(asked, end)).claims()?.sub).toBe(decodeJwt(hint).sub);
  });

  it("signs in by a hint that was over long ago", async () => {
    const browser = new Browser();
    const claims = decodeJwt(await idTokenOf(member, browser));
    const old = await keys.sign({ ...claims, iat: 1_000_000_000, exp: 1_000_000_900 }, rs256);
    const { asked, end } = await silently(browser, { id_token_hint: old });
    expect((await driver.grant(asked, end)).claims()?.sub).toBe(claims.sub);
  });

  it("says by the hint alone whose person it is, also after a reconnect", async () => {
    const browser = new Browser();
    const hint = await idTokenOf(member, browser);
    await connect(product, driver.contoso.tenant, { org: driver.org });
    const { asked, end } = await silently(browser, { id_token_hint: hint, connection: "" });
    expect((await driver.grant(asked, end)).claims()).toMatchObject({
      sub: decodeJwt(hint).sub,
      organization_id: driver.org,
    });
  });
});

describe("another person than the hint names", () => {
  it("is login_required at the application", async () => {
    const hint = await idTokenOf(member);
    const browser = new Browser();
    await idTokenOf(admin, browser);
    const { asked, end } = await silently(browser, { id_token_hint: hint });
    expect(Object.fromEntries(end.searchParams)).toMatchObject({
      error: "login_required",
      state: asked.state,
      iss: product.origin,
    });
    await expect(driver.grant(asked, end)).rejects.toMatchObject({ error: "login_required" });
  });

  it("is refused where the person was asked, too, and gets no code", async () => {
    const asked = await driver.ask({ id_token_hint: await idTokenOf(member) });
    const end = await driver.answerOf(asked, new Browser(), admin);
    expect([end.searchParams.get("error"), end.searchParams.get("code")]).toEqual(["login_required", null]);
  });
});

describe("what is no ID token that the application was given", () => {
  it.each<[string, (token: string) => Promise<string> | string]>([
    ["unsigned", (token) => new UnsecuredJWT(decodeJwt(token)).encode()],
    ["altered", (token) => token.replace(/\.[^.]+\./, `.${bodyOf({ ...decodeJwt(token), sub: "u_x" })}.`)],
    ["of another issuer", (token) => keys.sign({ ...decodeJwt(token), iss: "https://other.example" }, rs256)],
    ["of another application", (token) => keys.sign({ ...decodeJwt(token), aud: hosting.clientId }, rs256)],
    ["of several applications", (token) => keys.sign({ ...decodeJwt(token), aud: [notes.clientId] }, rs256)],
    [
      "an access token",
      (token) => keys.sign({ ...decodeJwt(token) }, { algorithm: "EdDSA", type: "at+jwt" }),
    ],
    ["no token", () => "a.b.c"],
  ])("is invalid_request: %s", async (_name, change) => {
    const token = await change(await idTokenOf(member));
    for (const prompt of ["none", "login"])
      expect(await refusalOf({ id_token_hint: token, prompt })).toBe("invalid_request");
  });
});

const bodyOf = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString("base64url");
