import { Auth } from "@auth/core";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as oidc from "openid-client";
import Strategy from "passport-openidconnect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import {
  applicationsFile,
  foreign,
  hosting,
  newSecret,
  nextOf,
  notes,
  spa,
} from "../support/applications.ts";
import { createOidcDriver, type OidcDriver, type Query } from "../support/openid.ts";
import { type Product, startProduct } from "../support/product.ts";
import { chooseUser } from "../support/sign-in.ts";

// OpenID Connect for clients that know nothing of us but issuer, client id and secret.

const file = applicationsFile();
let product: Product;
let contoso: OidcDriver["contoso"];
let org: OidcDriver["org"];
let client: OidcDriver["client"];
let publicClient: OidcDriver["publicClient"];
let ask: OidcDriver["ask"];
let answerOf: OidcDriver["answerOf"];
let grant: OidcDriver["grant"];
let signIn: OidcDriver["signIn"];
beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: file.file });
  await product.startWorker();
  ({ contoso, org, client, publicClient, ask, answerOf, grant, signIn } = await createOidcDriver(product));
});
afterAll(async () => {
  await product.stop();
  file.remove();
});

describe("a stock client", () => {
  it("openid-client: signs in, and ID token and userinfo say the same", async () => {
    const tokens = await signIn();
    const claims = tokens.claims();
    const member = contoso.tenant.users[1];
    expect(claims).toMatchObject({
      iss: product.origin,
      aud: notes.clientId,
      sub: expect.stringMatching(/^u_/) as string,
      organization_id: org,
      connection_id: contoso.connection,
      oid: member?.id,
      name: member?.name,
      email: member?.email,
      auth_time: expect.any(Number) as number,
      sid: expect.stringMatching(/^sess_/) as string,
    });
    expect(claims?.["acr"]).toBeUndefined();
    const info = await oidc.fetchUserInfo(client, tokens.access_token, claims?.sub ?? "");
    for (const [name, value] of Object.entries(info)) expect(claims?.[name]).toEqual(value);
    const keys = createRemoteJWKSet(new URL(`${product.origin}/v1/auth/.well-known/jwks.json`));
    const verified = await jwtVerify(tokens.id_token ?? "", keys, { algorithms: ["RS256"] });
    expect(verified.payload.sub).toBe(claims?.sub);
  });

  it("openid-client without a secret", async () => {
    const asked = await ask({}, { client: publicClient, redirectUri: spa.redirectUri });
    const tokens = await grant(asked, await answerOf(asked), publicClient);
    expect(tokens.claims()?.["organization_id"]).toBe(org);
  });

  it("openid-client with the secret in the body", async () => {
    const posting = new oidc.Configuration(
      client.serverMetadata(),
      notes.clientId,
      undefined,
      oidc.ClientSecretPost(notes.secret),
    );
    oidc.allowInsecureRequests(posting);
    const asked = await ask();
    expect((await grant(asked, await answerOf(asked), posting)).id_token).toBeDefined();
  });

  it("Auth.js", async () => {
    const origin = "http://localhost:9";
    const config: Parameters<typeof Auth>[1] = {
      secret: newSecret(),
      trustHost: true,
      basePath: "/auth",
      providers: [
        {
          id: "authio",
          name: "Authio",
          type: "oidc",
          issuer: product.origin,
          clientId: hosting.clientId,
          clientSecret: hosting.secret,
          authorization: { params: { organization_id: org } },
        },
      ],
      callbacks: { session: ({ session, token }) => ({ ...session, subject: token.sub }) },
    };
    const cookies = new Map<string, string>();
    const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
      const headers = new Headers(init.headers);
      headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
      const answer = await Auth(new Request(origin + path, { ...init, headers }), config);
      for (const line of answer.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      return answer;
    };
    const { csrfToken } = (await (await call("/auth/csrf")).json()) as { csrfToken: string };
    const begun = await call("/auth/signin/authio", {
      method: "POST",
      body: new URLSearchParams({ csrfToken }),
    });
    const url = new URL(begun.headers.get("location") ?? "");
    expect(url.pathname).toBe("/v1/auth/authorize");
    const browser = new Browser();
    const callback = await chooseUser(browser, contoso.tenant, await nextOf(browser, url.href));
    const end = new URL(await nextOf(browser, callback));
    expect(end.searchParams.get("error")).toBeNull();
    await call(`/auth/callback/authio${end.search}`);
    const session = (await (await call("/auth/session")).json()) as { user?: { email?: string } };
    expect(session.user?.email).toBe(contoso.tenant.users[1]?.email);
  });
});

it("passport-openidconnect signs in", async () => {
  const session = {};
  const drive = (query: Record<string, string>): Promise<{ url?: string; user?: unknown }> =>
    new Promise((resolve, reject) => {
      const strategy = new Strategy(
        {
          issuer: product.origin,
          authorizationURL: `${product.origin}/v1/auth/authorize?connection=${contoso.connection}`,
          tokenURL: `${product.origin}/v1/auth/token`,
          userInfoURL: `${product.origin}/v1/auth/userinfo`,
          clientID: notes.clientId,
          clientSecret: notes.secret,
          callbackURL: notes.otherUri,
          scope: ["profile", "email"],
          nonce: true,
        },
        (issuer, profile, done) => done(null, { issuer, id: profile.id }),
      );
      strategy.redirect = (url) => resolve({ url });
      strategy.success = (user) => resolve({ user });
      strategy.fail = (challenge) => reject(new Error(JSON.stringify(challenge)));
      strategy.error = reject;
      strategy.authenticate({ query, session, headers: {}, connection: {} });
    });
  const browser = new Browser();
  const { url = "" } = await drive({});
  const callback = await chooseUser(browser, contoso.tenant, await nextOf(browser, url));
  const end = new URL(await nextOf(browser, callback));
  const { user } = await drive(Object.fromEntries(end.searchParams));
  expect(user).toMatchObject({ issuer: product.origin, id: expect.stringMatching(/^u_/) as string });
});

describe("the authentication request (OpenID Connect Core 3.1.2.1)", () => {
  const errorOf = async (query: Query, drop: string[] = []): Promise<string | null> => {
    const { url, state } = await ask(query);
    for (const name of drop) url.searchParams.delete(name);
    const end = new URL(await nextOf(new Browser(), url.href));
    expect(end.href.startsWith(`${notes.otherUri}?error=`)).toBe(true);
    expect(end.searchParams.get("iss")).toBe(product.origin);
    if (!drop.includes("state")) expect(end.searchParams.get("state")).toBe(state);
    return end.searchParams.get("error");
  };

  it.each<[string, Query, string[], string]>([
    ["no response_type", {}, ["response_type"], "invalid_request"],
    ["the implicit flow", { response_type: "id_token" }, [], "unsupported_response_type"],
    ["the hybrid flow", { response_type: "code id_token" }, [], "unsupported_response_type"],
    ["no scope", {}, ["scope"], "invalid_request"],
    ["no openid", { scope: "profile" }, [], "invalid_scope"],
    ["a plain challenge", { code_challenge_method: "plain" }, [], "invalid_request"],
    ["a challenge without method", {}, ["code_challenge_method"], "invalid_request"],
    ["a method without challenge", {}, ["code_challenge"], "invalid_request"],
    ["neither PKCE nor nonce", {}, ["code_challenge", "code_challenge_method", "nonce"], "invalid_request"],
    ["fragments", { response_mode: "fragment" }, [], "invalid_request"],
    ["a request object", { request: "x.y.z" }, [], "request_not_supported"],
    ["a request address", { request_uri: "https://a.example/r" }, [], "request_uri_not_supported"],
    ["a registration", { registration: "{}" }, [], "registration_not_supported"],
    ["prompt none and another", { prompt: "none login" }, [], "invalid_request"],
    ["a prompt nobody knows", { prompt: "dance" }, [], "invalid_request"],
    ["a negative age", { max_age: "-1" }, [], "invalid_request"],
    ["no session at Microsoft", { prompt: "none" }, [], "login_required"],
    ["a long state", { state: "s".repeat(2100) }, ["state"], "x"],
  ])("refuses %s", async (_name, query, drop, word) => {
    if (word === "login_required") {
      const browser = new Browser();
      const end = new URL(
        await nextOf(browser, await nextOf(browser, await nextOf(browser, (await ask(query)).url.href))),
      );
      expect(end.searchParams.get("error")).toBe(word);
      return;
    }
    if (word === "x") {
      const end = new URL(await nextOf(new Browser(), (await ask(query)).url.href));
      expect(end.searchParams.get("error")).toBe("invalid_request");
      return;
    }
    expect(await errorOf(query, drop)).toBe(word);
  });

  it.each<[string, Query]>([
    ["an unknown client", { client_id: "nobody" }],
    ["an address of another client's", { redirect_uri: hosting.redirectUri }],
    ["one in another encoding", { redirect_uri: notes.redirectUri.replace("%41", "A") }],
    ["one that begins like a registered one", { redirect_uri: `${notes.redirectUri}.evil.example` }],
  ])("sends nobody anywhere for %s", async (_name, query) => {
    const { url } = await ask();
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const answer = await new Browser().request(url.href);
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  });

  it("takes a form post, unknown parameters and scopes, and repeats none", async () => {
    const { url } = await ask({
      ui_locales: "de",
      claims: "{}",
      scope: "openid address offline_access",
      acr_values: "1",
    });
    const posted = await new Browser().request(url.origin + url.pathname, {
      method: "POST",
      body: url.searchParams,
    });
    expect(posted.headers.get("location")).toContain("/oauth2/v2.0/authorize");
    const twice = await new Browser().request(`${url.href}&state=second`);
    expect([twice.status, twice.headers.get("location")]).toEqual([400, null]);
  });

  it("asks which organization where nothing or something unknown says it, and leads a suspended one back", async () => {
    for (const query of [
      { organization_id: "org_unknown" },
      { organization_id: "\u0000" },
      { domain_hint: "elsewhere.example" },
    ]) {
      const { url } = await ask(query);
      url.searchParams.delete("connection");
      const page = await new Browser().request(url.href);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain("did not lead to one organization");
    }
    const { url } = await ask();
    url.searchParams.delete("connection");
    expect(await (await new Browser().request(url.href)).text()).not.toContain("did not lead");
    url.searchParams.set("organization_id", org);
    expect(await nextOf(new Browser(), url.href)).toContain("/oauth2/v2.0/authorize");
    url.searchParams.set("client_id", foreign.clientId);
    url.searchParams.set("redirect_uri", foreign.redirectUri);
    expect(await (await new Browser().request(url.href)).text()).toContain("did not lead");
  });
});
