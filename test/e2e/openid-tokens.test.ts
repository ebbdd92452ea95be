import { decodeJwt } from "jose";
import * as oidc from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { noRealism } from "../../src/simulator/options.ts";
import { applicationsFile, challengeOf, hosting, newSecret, nextOf, notes } from "../support/applications.ts";
import { createOidcDriver, type OidcDriver, type Query } from "../support/openid.ts";
import { type Product, startProduct } from "../support/product.ts";
import { chooseUser } from "../support/sign-in.ts";

// What a code gives, how long, and who says so.

const file = applicationsFile();
let product: Product;
let contoso: OidcDriver["contoso"];
let org: OidcDriver["org"];
let client: OidcDriver["client"];
let ask: OidcDriver["ask"];
let answerOf: OidcDriver["answerOf"];
let grant: OidcDriver["grant"];
let signIn: OidcDriver["signIn"];
let userinfo: OidcDriver["userinfo"];
let tokenCall: OidcDriver["tokenCall"];
let codeForm: OidcDriver["codeForm"];
beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: file.file });
  await product.startWorker();
  ({ contoso, org, client, ask, answerOf, grant, signIn, userinfo, tokenCall, codeForm } =
    await createOidcDriver(product));
});
afterEach(() => {
  product.simulator.world.realism = { ...noRealism };
});
afterAll(async () => {
  await product.stop();
  file.remove();
});

describe("a fresh sign-in", () => {
  it("is asked for by prompt=login and max_age, and confirmed by Microsoft's own time", async () => {
    for (const query of [{ prompt: "login" }, { max_age: "0" }, { max_age: "3600" }] as Query[]) {
      const asked = await ask(query);
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
    expect(given).toHaveLength(1);
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
  it("ends with a suspension, also one that was taken back, and nothing is kept of what it read", async () => {
    const token = (await signIn()).access_token;
    const kept = () =>
      product.sql`select token_hash from signin_tokens where connection_id = ${contoso.connection}`;
    expect(await kept()).not.toHaveLength(0);
    const path = `/v1/session/orgs/${org}/sso-connections/${contoso.connection}`;
    for (const status of ["suspended", "active"]) {
      const answer = await fetch(product.origin + path, {
        method: "PATCH",
        headers: { authorization: `Bearer ${await product.session(org, "admin")}` },
        body: JSON.stringify({ status }),
      });
      expect(answer.status).toBe(200);
      expect((await userinfo(token)).status).toBe(401);
      expect(await kept()).toHaveLength(0);
    }
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

  it("ends what the sign-in gave, leads back, and offers Microsoft's sign-out in the person's directory", async () => {
    const tokens = await signIn();
    const url = oidc.buildEndSessionUrl(client, {
      id_token_hint: tokens.id_token ?? "",
      post_logout_redirect_uri: notes.signedOutUri,
      state: "s 1",
    });
    const page = await new Browser().request(url.href);
    expect([page.status, page.headers.get("location")]).toEqual([200, null]);
    const text = await page.text();
    expect(text).toContain(`href="${notes.signedOutUri}?state=s+1"`);
    expect(text).toContain(`href="${product.simulator.origin}/${contoso.tenant.id}/oauth2/v2.0/logout"`);
    expect((await userinfo(tokens.access_token)).status).toBe(401);
  });

  it("offers Microsoft's sign-out where no token says who it was", async () => {
    const page = await end({ client_id: notes.clientId, post_logout_redirect_uri: notes.signedOutUri });
    const text = await page.text();
    expect(text).toContain(notes.signedOutUri);
    expect(text).toContain("/oauth2/v2.0/logout");
  });

  it("leads back by a token whose key is gone, and ends nothing for it", async () => {
    const tokens = await signIn();
    const token = (tokens.id_token ?? "").replace(/[^.]+$/, "AAAA");
    const page = await end({ id_token_hint: token, post_logout_redirect_uri: notes.signedOutUri });
    expect([page.status, (await page.text()).includes(`href="${notes.signedOutUri}"`)]).toEqual([200, true]);
    expect((await userinfo(tokens.access_token)).status).toBe(200);
    const elsewhere = { id_token_hint: token, post_logout_redirect_uri: "https://evil.example" };
    expect((await end(elsewhere)).status).toBe(400);
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
