import { Auth } from "@auth/core";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import * as oidc from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { noRealism } from "../../src/simulator/options.ts";
import {
  applicationsFile,
  challengeOf,
  foreign,
  hosting,
  newSecret,
  nextOf,
  notes,
  spa,
} from "../support/applications.ts";
import { type Product, startProduct } from "../support/product.ts";
import { chooseUser, connectTenant } from "../support/sign-in.ts";

// OpenID Connect for clients that know nothing of us but issuer, client id and secret.

const file = applicationsFile();
let product: Product;
let contoso: Awaited<ReturnType<typeof connectTenant>>;
let org: string;
let client: oidc.Configuration;
let publicClient: oidc.Configuration;

beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: file.file });
  await product.startWorker();
  contoso = await connectTenant(product);
  const [row] = await product.sql`select org_id from sso_connections where id = ${contoso.connection}`;
  org = row?.["org_id"] as string;
  const insecure = { execute: [oidc.allowInsecureRequests] };
  const issuer = new URL(product.origin);
  client = await oidc.discovery(issuer, notes.clientId, notes.secret, undefined, insecure);
  publicClient = await oidc.discovery(issuer, spa.clientId, undefined, oidc.None(), insecure);
});
afterEach(() => {
  product.simulator.world.realism = { ...noRealism };
});
afterAll(async () => {
  await product.stop();
  file.remove();
});

type Query = Record<string, string>;

interface Asked {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly url: URL;
}

async function ask(query: Query = {}, who = { client, redirectUri: notes.otherUri }): Promise<Asked> {
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(who.client, {
    redirect_uri: who.redirectUri,
    scope: "openid profile email groups",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    connection: contoso.connection,
    ...query,
  });
  return { verifier, state, nonce, url };
}

/** Signs a user in at Microsoft; gives the address that the application is called at. */
async function answerOf(asked: Asked, browser = new Browser(), user = 1): Promise<URL> {
  const callback = await chooseUser(browser, contoso.tenant, await nextOf(browser, asked.url.href), user);
  return new URL(await nextOf(browser, callback));
}

const grant = (asked: Asked, answer: URL, who = client) =>
  oidc.authorizationCodeGrant(who, answer, {
    pkceCodeVerifier: asked.verifier,
    expectedState: asked.state,
    expectedNonce: asked.nonce,
    idTokenExpected: true,
  });

const signIn = async (query: Query = {}) => {
  const asked = await ask(query);
  return grant(asked, await answerOf(asked));
};

const userinfo = (token: string, path = "/v1/auth/userinfo") =>
  fetch(product.origin + path, { headers: { authorization: `Bearer ${token}` } });

async function tokenCall(form: Query, headers: Record<string, string> = {}) {
  const answer = await fetch(`${product.origin}/v1/auth/token`, {
    method: "POST",
    headers,
    body: new URLSearchParams(form),
  });
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as Record<string, unknown>,
  };
}

/** A code with what its exchange takes. */
async function codeForm(query: Query = {}): Promise<Query> {
  const asked = await ask(query);
  const code = (await answerOf(asked)).searchParams.get("code") ?? "";
  return {
    grant_type: "authorization_code",
    code,
    redirect_uri: notes.otherUri,
    code_verifier: asked.verifier,
    client_id: notes.clientId,
    client_secret: notes.secret,
  };
}

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
    for (const query of [{ organization_id: "org_unknown" }, { domain_hint: "elsewhere.example" }]) {
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

  it("knows the connection by its domain once that is known", async () => {
    await product.sql`update sso_connections set entra_domain = 'contoso.example' where id = ${contoso.connection}`;
    const { url } = await ask({ domain_hint: "Ada@Contoso.example" });
    url.searchParams.delete("connection");
    const to = new URL(await nextOf(new Browser(), url.href));
    expect(to.searchParams.get("domain_hint")).toBe("contoso.example");
    await product.sql`update sso_connections set entra_domain = null where id = ${contoso.connection}`;
  });
});

describe("a fresh sign-in", () => {
  it("is asked for by prompt=login and max_age, and confirmed by Microsoft's own time", async () => {
    for (const query of [{ prompt: "login" }, { max_age: "0" }, { max_age: "3600" }]) {
      const asked = await ask(query as unknown as Query);
      const browser = new Browser();
      const microsoft = new URL(await nextOf(browser, asked.url.href));
      expect(microsoft.searchParams.get("prompt")).toBe("login");
      const end = new URL(await nextOf(browser, await chooseUser(browser, contoso.tenant, microsoft.href)));
      const tokens = await grant(asked, end);
      expect(Math.abs((tokens.claims()?.["auth_time"] as number) - Date.now() / 1000)).toBeLessThan(30);
    }
  });

  it.each<[string, Record<string, unknown>]>([
    ["an old login", { auth_time: 1_000_000_000 }],
    ["no time at all", { auth_time: undefined }],
  ])("is not taken from %s", async (_name, idTokenClaims) => {
    product.simulator.world.realism = { ...noRealism, idTokenClaims };
    const end = await answerOf(await ask({ max_age: "60" }));
    expect(end.searchParams.get("error")).toBe("login_required");
  });

  it("is not invented: what the application sends is not repeated", async () => {
    product.simulator.world.realism = {
      ...noRealism,
      idTokenClaims: { auth_time: undefined, amr: undefined },
    };
    const claims = (await signIn({ amr: "mfa", auth_time: "1" })).claims();
    expect([claims?.["auth_time"], claims?.["amr"]]).toEqual([undefined, undefined]);
  });
});

describe("the token endpoint", () => {
  it.each<[string, Query, [number, string]]>([
    ["another grant", { grant_type: "refresh_token" }, [400, "unsupported_grant_type"]],
    ["no grant", { grant_type: "" }, [400, "invalid_request"]],
    ["no code", { code: "" }, [400, "invalid_request"]],
    ["an unknown code", { code: newSecret() }, [400, "invalid_grant"]],
    ["another redirect URI", { redirect_uri: notes.redirectUri }, [400, "invalid_grant"]],
    ["no redirect URI", { redirect_uri: "" }, [400, "invalid_grant"]],
    ["another verifier", { code_verifier: newSecret() }, [400, "invalid_grant"]],
    ["no verifier", { code_verifier: "" }, [400, "invalid_grant"]],
    ["a wrong secret", { client_secret: newSecret() }, [401, "invalid_client"]],
    ["no secret", { client_secret: "" }, [401, "invalid_client"]],
    [
      "another client",
      { client_id: hosting.clientId, client_secret: hosting.secret },
      [400, "invalid_grant"],
    ],
  ])("refuses %s", async (_name, change, expected) => {
    const { status, headers, body } = await tokenCall({ ...(await codeForm()), ...change });
    expect([status, body["error"]]).toEqual(expected);
    expect(Object.keys(body).toSorted()).toEqual(["error", "error_description"]);
    expect(headers.get("cache-control")).toBe("no-store");
    if (status === 401) expect(headers.get("www-authenticate")).toContain("Basic");
  });

  it("gives one of fifty calls at once a token, and the others end it", async () => {
    const form = await codeForm();
    const answers = await Promise.all(Array.from({ length: 50 }, () => tokenCall(form)));
    const given = answers.filter(({ status }) => status === 200);
    expect(given.length).toBeLessThanOrEqual(1);
    for (const { body } of given) expect((await userinfo(body["access_token"] as string)).status).toBe(401);
  });

  it("revokes what a code gave when the code comes again, at every replica", async () => {
    const form = await codeForm();
    const { body } = await tokenCall(form);
    const token = body["access_token"] as string;
    expect((await userinfo(token)).status).toBe(200);
    expect((await tokenCall(form)).body["error"]).toBe("invalid_grant");
    const replica = product.addReplica({});
    const refused = await userinfo(token);
    product.answerWith(product.api);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect(replica).toBeDefined();
  });

  it("takes no code of the platform's way, and the exchange none of this", async () => {
    const { code = "" } = await codeForm();
    const answer = await fetch(`${product.origin}/v1/auth/session-handoff/exchange`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        code,
        redirect_uri: notes.otherUri,
        client_state_nonce: newSecret(),
        client_id: notes.clientId,
        client_secret: notes.secret,
      }),
    });
    expect(answer.status).toBe(400);
  });
});

describe("userinfo", () => {
  it("ends with a suspension, also one that was taken back", async () => {
    const token = (await signIn()).access_token;
    await product.sql`update sso_connections set status = 'suspended', epoch = epoch + 1 where id = ${contoso.connection}`;
    expect((await userinfo(token)).status).toBe(401);
    await product.sql`update sso_connections set status = 'active', epoch = epoch + 1 where id = ${contoso.connection}`;
    expect((await userinfo(token)).status).toBe(401);
  });

  it("takes a token as bearer or in a form, never twice and never from the address", async () => {
    const token = (await signIn()).access_token;
    const post = (headers: Record<string, string>, body?: URLSearchParams) =>
      fetch(`${product.origin}/v1/auth/userinfo`, { method: "POST", headers, ...(body ? { body } : {}) });
    expect((await post({ authorization: `Bearer ${token}` })).status).toBe(200);
    const form = new URLSearchParams({ access_token: token });
    expect((await post({}, form)).status).toBe(200);
    expect((await post({ authorization: `Bearer ${token}` }, form)).status).toBe(400);
    expect((await fetch(`${product.origin}/v1/auth/userinfo?access_token=${token}`)).status).toBe(401);
    expect((await userinfo("x")).status).toBe(401);
  });

  it("and ID tokens open nothing that manages connections", async () => {
    const { access_token: opaque, id_token: idToken = "" } = await signIn();
    for (const token of [opaque, idToken])
      for (const path of [`/v1/session/orgs/${org}/ms-provision`, "/v1/admin/ms-provisions"])
        for (const headers of [{ authorization: `Bearer ${token}` }, { cookie: `authio_session=${token}` }])
          expect((await fetch(product.origin + path, { headers })).status).toBe(401);
    expect((await userinfo(idToken)).status).toBe(401);
  });
});

describe("end_session", () => {
  const end = (query: Query) =>
    new Browser().request(`${product.origin}/v1/auth/end-session?${new URLSearchParams(query).toString()}`);

  it("ends what the sign-in gave and leads back", async () => {
    const tokens = await signIn();
    const url = oidc.buildEndSessionUrl(client, {
      id_token_hint: tokens.id_token ?? "",
      post_logout_redirect_uri: notes.signedOutUri,
      state: "s 1",
    });
    expect(await nextOf(new Browser(), url.href)).toBe(`${notes.signedOutUri}?state=s+1`);
    expect((await userinfo(tokens.access_token)).status).toBe(401);
  });

  it("offers Microsoft's sign-out where no token says who it was", async () => {
    const page = await end({ client_id: notes.clientId, post_logout_redirect_uri: notes.signedOutUri });
    const text = await page.text();
    expect(text).toContain(notes.signedOutUri);
    expect(text).toContain("/oauth2/v2.0/logout");
  });

  it.each<[string, Query]>([
    [
      "an address that is not registered",
      { client_id: notes.clientId, post_logout_redirect_uri: "https://evil.example" },
    ],
    ["an address without a client", { post_logout_redirect_uri: notes.signedOutUri }],
    [
      "another client's address",
      { client_id: hosting.clientId, post_logout_redirect_uri: notes.signedOutUri },
    ],
    ["a forged token", { id_token_hint: "a.b.c", post_logout_redirect_uri: notes.signedOutUri }],
  ])("leads nowhere for %s", async (_name, query) => {
    const answer = await end(query);
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  });
});

describe("discovery", () => {
  it("is the configured origin's, whatever Host says", async () => {
    const url = new URL("/.well-known/openid-configuration", product.origin);
    const own = (await (await fetch(url)).json()) as Record<string, unknown>;
    expect(own["issuer"]).toBe(product.origin);
    const { request } = await import("node:http");
    const hostile = await new Promise<string>((resolve, reject) => {
      const call = request(
        url,
        { headers: { host: "evil.example", "x-forwarded-host": "evil.example" } },
        (answer) => {
          let text = "";
          answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
          answer.on("end", () => resolve(text));
        },
      );
      call.on("error", reject);
      call.end();
    });
    expect(JSON.parse(hostile)).toEqual(own);
    const oauth = await fetch(new URL("/.well-known/oauth-authorization-server", product.origin));
    expect(await oauth.json()).toEqual(own);
  });

  it("publishes public halves alone, cacheable for five minutes", async () => {
    const answer = await fetch(`${product.origin}/v1/auth/.well-known/jwks.json`);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    const { keys } = (await answer.json()) as { keys: Record<string, unknown>[] };
    expect(keys.map(({ alg }) => alg).toSorted()).toEqual(["EdDSA", "RS256"]);
    for (const key of keys)
      for (const name of ["d", "p", "q", "dp", "dq", "qi"]) expect(key[name]).toBeUndefined();
  });

  it("gives ID tokens whose at_hash and nonce fit", async () => {
    const asked = await ask();
    const tokens = await grant(asked, await answerOf(asked));
    const claims = decodeJwt(tokens.id_token ?? "");
    expect(claims["nonce"]).toBe(asked.nonce);
    const half = Buffer.from(challengeOf(tokens.access_token), "base64url").subarray(0, 16);
    expect(claims["at_hash"]).toBe(half.toString("base64url"));
  });
});
