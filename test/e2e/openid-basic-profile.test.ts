import { createRemoteJWKSet, type JWTPayload, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { applicationsFile, nextOf, notes } from "../support/applications.ts";
import { createOidcDriver, type OidcDriver, type Query } from "../support/openid.ts";
import { type Product, startProduct } from "../support/product.ts";

// The Basic OP profile: each test bears the name of a module of the OpenID Foundation's plan, as in
// docs/openid-conformance.md.

const file = applicationsFile();
let product: Product;
let driver: OidcDriver;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: file.file });
  await product.startWorker();
  driver = await createOidcDriver(product);
});
afterAll(async () => {
  await product.stop();
  file.remove();
});

interface Asking {
  readonly drop?: readonly string[];
  readonly browser?: Browser;
  readonly method?: "GET" | "POST";
}

/** Where the person is sent first: Microsoft, or back with an error. */
async function begin(query: Query, { drop = [], browser = new Browser(), method = "GET" }: Asking = {}) {
  const asked = await driver.ask(query);
  for (const name of drop) asked.url.searchParams.delete(name);
  const { url } = asked;
  const next =
    method === "GET"
      ? await nextOf(browser, url.href)
      : await nextOf(browser, url.origin + url.pathname, { method, body: url.searchParams });
  return { asked, next };
}

/** The form that exchanges what the sign-in gave. */
async function formOf(
  query: Query = {},
  { browser = new Browser(), ...asking }: Asking = {},
): Promise<Query> {
  const { asked, next } = await begin(query, { ...asking, browser });
  const answer = await browser.request(next, {
    method: "POST",
    body: new URLSearchParams({ user: driver.contoso.tenant.users[1]?.id ?? "", decision: "accept" }),
  });
  const end = new URL(await nextOf(browser, answer.headers.get("location") ?? ""));
  expect(end.searchParams.get("state")).toBe(asked.state);
  return {
    grant_type: "authorization_code",
    code: end.searchParams.get("code") ?? "",
    redirect_uri: notes.otherUri,
    code_verifier: asked.verifier,
    client_id: notes.clientId,
    client_secret: notes.secret,
  };
}

interface Given {
  readonly claims: JWTPayload;
  readonly info: Record<string, unknown>;
  readonly body: Record<string, unknown>;
}
async function given(form: Query): Promise<Given> {
  const { status, body } = await driver.tokenCall(form);
  expect(status).toBe(200);
  const keys = createRemoteJWKSet(new URL(`${product.origin}/v1/auth/.well-known/jwks.json`));
  const { payload } = await jwtVerify(body["id_token"] as string, keys, {
    issuer: product.origin,
    audience: notes.clientId,
    algorithms: ["RS256"],
  });
  const info = (await (await driver.userinfo(body["access_token"] as string)).json()) as Given["info"];
  expect(info["sub"]).toBe(payload.sub);
  return { claims: payload, info, body };
}
const signIn = async (query: Query = {}, asking: Asking = {}): Promise<Given> =>
  given(await formOf(query, asking));

describe("the flow", () => {
  it("oidcc-server", async () => {
    const { body, claims } = await signIn();
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 900 });
    expect(claims["nonce"]).toEqual(expect.any(String));
  });

  it("oidcc-response-type-missing", async () => {
    const end = new URL((await begin({}, { drop: ["response_type"] })).next);
    expect(end.searchParams.get("error")).toBe("invalid_request");
  });

  it("oidcc-ensure-request-without-nonce-succeeds-for-code-flow", async () => {
    expect((await signIn({}, { drop: ["nonce"] })).claims["nonce"]).toBeUndefined();
  });

  it("oidcc-ensure-request-without-pkce", async () => {
    const form = await formOf({}, { drop: ["code_challenge", "code_challenge_method"] });
    const { code_verifier: _unused, ...rest } = form;
    expect((await given(rest)).claims.sub).toMatch(/^u_/);
  });

  it("oidcc-ensure-request-with-valid-pkce-succeeds", async () => {
    const form = await formOf();
    expect((await driver.tokenCall({ ...form, code_verifier: "x".repeat(43) })).status).toBe(400);
    expect((await signIn()).claims.sub).toMatch(/^u_/);
  });

  it("oidcc-ensure-post-request-succeeds", async () => {
    expect((await signIn({}, { method: "POST" })).claims.sub).toMatch(/^u_/);
  });

  it("oidcc-ensure-registered-redirect-uri", async () => {
    const { next } = await begin({ redirect_uri: "https://evil.example/callback" });
    expect(next).toMatch(/^400 /);
  });

  it("oidcc-ensure-request-with-unknown-parameter-succeeds", async () => {
    expect((await signIn({ extra: "foobar" })).claims.sub).toMatch(/^u_/);
  });
});

describe("the client", () => {
  it("oidcc-server-client-secret-post", async () => {
    const form = await formOf();
    expect((await driver.tokenCall({ ...form, client_secret: "wrong" })).status).toBe(401);
    expect((await signIn()).body["id_token"]).toEqual(expect.any(String));
  });

  it("oidcc-server-client-secret-basic", async () => {
    const { client_id: id = "", client_secret: secret = "", ...form } = await formOf();
    const answer = await fetch(`${product.origin}/v1/auth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` },
      body: new URLSearchParams(form),
    });
    expect(answer.status).toBe(200);
  });

  it("oidcc-refresh-token", async () => {
    expect((await signIn({ scope: "openid offline_access" })).body["refresh_token"]).toBeUndefined();
    const { body } = await driver.tokenCall({ ...(await formOf()), grant_type: "refresh_token" });
    expect(body["error"]).toBe("unsupported_grant_type");
  });

  it.each([["oidcc-codereuse", 0] as const, ["oidcc-codereuse-30seconds", 30] as const])(
    "%s",
    async (_name, seconds) => {
      const form = await formOf();
      const { body } = await given(form);
      await product.sql`update signin_codes set spent_at = spent_at - make_interval(secs => ${seconds})`;
      expect((await driver.tokenCall(form)).body["error"]).toBe("invalid_grant");
      expect((await driver.userinfo(body["access_token"] as string)).status).toBe(401);
    },
  );
});

describe("claims and scopes", () => {
  it.each<[string, string, string[], string[]]>([
    ["oidcc-scope-profile", "openid profile", ["name"], ["email", "groups"]],
    ["oidcc-scope-email", "openid email", ["email", "email_verified"], ["name", "groups"]],
    ["oidcc-scope-address", "openid address", [], ["address", "name", "email"]],
    ["oidcc-scope-phone", "openid phone", [], ["phone_number", "name", "email"]],
    ["oidcc-scope-all", "openid profile email address phone", ["name", "email"], ["address"]],
    ["oidcc-ensure-other-scope-order-succeeds", "email openid", ["email"], ["name"]],
  ])("%s", async (_name, scope, there, absent) => {
    const { claims, info } = await signIn({ scope });
    for (const said of [claims, info]) {
      for (const name of there) expect(said[name]).toBeDefined();
      for (const name of absent) expect(said[name]).toBeUndefined();
    }
  });

  it("oidcc-claims-essential", async () => {
    const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
    expect((await signIn({ claims })).info["name"]).toEqual(expect.any(String));
  });

  it.each<[string, "GET" | "POST", "header" | "body"]>([
    ["oidcc-userinfo-get", "GET", "header"],
    ["oidcc-userinfo-post-header", "POST", "header"],
    ["oidcc-userinfo-post-body", "POST", "body"],
  ])("%s", async (_name, method, place) => {
    const { body, claims } = await signIn();
    const token = body["access_token"] as string;
    const sent =
      place === "header"
        ? { headers: { authorization: `Bearer ${token}` } }
        : { body: new URLSearchParams({ access_token: token }) };
    const answer = await fetch(`${product.origin}/v1/auth/userinfo`, { method, ...sent });
    expect(await answer.json()).toMatchObject({ sub: claims.sub });
  });
});

describe("what the application asks of the sign-in", () => {
  it.each<[string, Query]>([
    ["oidcc-display-page", { display: "page" }],
    ["oidcc-display-popup", { display: "popup" }],
    ["oidcc-ui-locales", { ui_locales: "se" }],
    ["oidcc-claims-locales", { claims_locales: "se" }],
    ["oidcc-ensure-request-with-acr-values-succeeds", { acr_values: "1 2" }],
  ])("%s", async (_name, query) => {
    const { claims } = await signIn(query);
    expect([claims.sub, claims["acr"]]).toEqual([expect.stringMatching(/^u_/), undefined]);
  });

  it("oidcc-login-hint", async () => {
    const { next } = await begin({ login_hint: "ada@contoso.example" });
    expect(new URL(next).searchParams.get("login_hint")).toBe("ada@contoso.example");
  });

  it("oidcc-prompt-login", async () => {
    const browser = new Browser();
    const first = await signIn({}, { browser });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const again = await signIn({ prompt: "login" }, { browser });
    expect(again.claims.sub).toBe(first.claims.sub);
    expect(Number(again.claims["auth_time"])).toBeGreaterThan(Number(first.claims["auth_time"]));
  });

  it("oidcc-prompt-none-not-logged-in", async () => {
    const browser = new Browser();
    const { next, asked } = await begin({ prompt: "none" }, { browser });
    const end = new URL(await nextOf(browser, await nextOf(browser, next)));
    expect([end.searchParams.get("error"), end.searchParams.get("state")]).toEqual([
      "login_required",
      asked.state,
    ]);
  });

  it.each<[string, boolean]>([
    ["oidcc-prompt-none-logged-in", false],
    ["oidcc-id-token-hint", true],
  ])("%s", async (_name, withHint) => {
    const browser = new Browser();
    const first = await signIn({}, { browser });
    const hint = withHint ? { id_token_hint: first.body["id_token"] as string } : {};
    const { asked, next } = await begin({ prompt: "none", ...hint }, { browser });
    const end = new URL(await nextOf(browser, await nextOf(browser, next)));
    const tokens = await driver.grant(asked, end);
    expect(tokens.claims()?.sub).toBe(first.claims.sub);
    expect(tokens.claims()?.["auth_time"]).toBe(first.claims["auth_time"]);
  });

  it("oidcc-max-age-1", async () => {
    const browser = new Browser();
    const first = await signIn({}, { browser });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const again = await signIn({ max_age: "1" }, { browser });
    expect(Number(again.claims["auth_time"])).toBeGreaterThan(Number(first.claims["auth_time"]));
  });

  it("oidcc-max-age-10000", async () => {
    const { claims } = await signIn({ max_age: "10000" });
    expect(Math.abs(Number(claims["auth_time"]) - Date.now() / 1000)).toBeLessThan(30);
  });

  it.each<[string, Query, string]>([
    [
      "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
      { request: "e30.e30." },
      "request_not_supported",
    ],
    ["oidcc-ensure-request-object-with-redirect-uri", { request: "a.b.c" }, "request_not_supported"],
  ])("%s", async (_name, query, word) => {
    const end = new URL((await begin(query)).next);
    expect(end.href.startsWith(`${notes.otherUri}?error=${word}`)).toBe(true);
  });
});
