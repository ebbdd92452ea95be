import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { noRealism } from "../../src/simulator/options.ts";
import {
  applicationsFile,
  bare,
  challengeOf,
  foreign,
  hosting,
  newSecret,
  nextOf,
  notes,
  spa,
} from "../support/applications.ts";
import { createHandOffDriver, type HandOffDriver, type Query } from "../support/hand-off.ts";
import { newOrg, type Product, startProduct, testProject } from "../support/product.ts";
import { chooseUser } from "../support/sign-in.ts";

// The platform's way to sign in: initiate, a code, the exchange.

const file = applicationsFile();
let product: Product;
let contoso: HandOffDriver["contoso"];
let fabrikam: HandOffDriver["fabrikam"];
let nonce: HandOffDriver["nonce"];
let initiateUrl: HandOffDriver["initiateUrl"];
let signIn: HandOffDriver["signIn"];
let exchange: HandOffDriver["exchange"];
let codeOf: HandOffDriver["codeOf"];
beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: file.file });
  await product.startWorker();
  ({ contoso, fabrikam, nonce, initiateUrl, signIn, exchange, codeOf } = await createHandOffDriver(product));
});
afterAll(async () => {
  await product.stop();
  file.remove();
});

describe("a sign-in to an application", () => {
  it("ends there with a code, the nonce and who answered; its own query stays byte for byte", async () => {
    const end = await signIn({ organization_id: contoso.org });
    expect(end.href.startsWith(`${notes.redirectUri}&code=`)).toBe(true);
    expect(end.searchParams.get("client_state_nonce")).toBe(nonce);
    expect(end.searchParams.get("iss")).toBe(product.origin);

    const { status, body } = await exchange(end.searchParams.get("code"), {
      organization_id: contoso.org,
      connection_id: contoso.connection,
    });
    expect(status).toBe(200);
    const member = contoso.tenant.users[1];
    expect(body).toMatchObject({
      token_type: "Bearer",
      expires_in: 900,
      identity: {
        sub: expect.stringMatching(/^u_[\w-]{43}$/) as string,
        connection_id: contoso.connection,
        organization_id: contoso.org,
        project_id: testProject,
        tid: contoso.tenant.id,
        oid: member?.id,
        user_type: "member",
        name: member?.name,
        email: member?.email,
        email_verified: true,
      },
    });
    const keys = (await (
      await fetch(`${product.origin}/v1/auth/.well-known/jwks.json`)
    ).json()) as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(
      body["access_token"] as string,
      createLocalJWKSet(keys),
      { issuer: product.origin, audience: notes.clientId, typ: "at+jwt", algorithms: ["EdDSA"] },
    );
    expect(protectedHeader.alg).toBe("EdDSA");
    expect(payload).toMatchObject({
      client_id: notes.clientId,
      kind: "sso",
      sub: (body["identity"] as { sub: string }).sub,
      act_org: contoso.org,
      act_role: "member",
      project_id: testProject,
      tid: contoso.tenant.id,
      oid: member?.id,
      sid: expect.stringMatching(/^sess_/) as string,
      jti: expect.any(String) as string,
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
  });

  it("knows a public application by its verifier, and one that may by its nonce alone", async () => {
    const verifier = newSecret();
    const asSpa = { redirect_uri: spa.redirectUri, client_id: spa.clientId, client_secret: undefined };
    const code = await codeOf({ redirect_uri: spa.redirectUri, code_challenge: challengeOf(verifier) });
    expect((await exchange(code, { ...asSpa, code_verifier: verifier })).status).toBe(200);
    const other = await codeOf({ redirect_uri: spa.redirectUri, code_challenge: challengeOf(verifier) });
    expect((await exchange(other, { ...asSpa, code_verifier: newSecret() })).body["code"]).toBe(
      "invalid_grant",
    );
    const fields = { redirect_uri: bare.redirectUri, client_id: undefined, client_secret: undefined };
    const given = await exchange(await codeOf({ redirect_uri: bare.redirectUri }), fields);
    expect(given.status).toBe(200);
  });

  it("takes the secret by Basic authentication too", async () => {
    const authorization = `Basic ${Buffer.from(`${notes.clientId}:${notes.secret}`).toString("base64")}`;
    const anonymous = { client_id: undefined, client_secret: undefined };
    expect((await exchange(await codeOf(), anonymous, { authorization })).status).toBe(200);
    expect((await exchange(await codeOf(), {}, { authorization })).body["code"]).toBe("invalid_request");
  });

  it("gives one of fifty exchanges at once an identity", async () => {
    const code = await codeOf();
    const answers = await Promise.all(Array.from({ length: 50 }, () => exchange(code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400]));
  });

  it("is the same person each time, and another one in another organization", async () => {
    const first = (await exchange(await codeOf())).body["identity"] as { sub: string };
    const again = (await exchange(await codeOf())).body["identity"] as { sub: string };
    expect(again.sub).toBe(first.sub);
    const elsewhere = await exchange(await codeOf({}, { at: fabrikam }));
    expect((elsewhere.body["identity"] as { sub: string }).sub).not.toBe(first.sub);
  });

  it("hands its token to nobody who manages connections", async () => {
    const { body } = await exchange(await codeOf());
    const token = body["access_token"] as string;
    for (const path of [
      `/v1/session/orgs/${contoso.org}/ms-provision`,
      `/v1/session/orgs/${contoso.org}/sso-connections`,
      "/v1/admin/ms-provisions",
    ])
      for (const headers of [{ authorization: `Bearer ${token}` }, { cookie: `authio_session=${token}` }])
        expect((await fetch(product.origin + path, { headers })).status).toBe(401);
  });

  it("tells the application when the person may not, in words of ours", async () => {
    const browser = new Browser();
    product.simulator.world.setTenantFaults(contoso.tenant.id, [
      { call: "authorize", kind: "oauth", error: "access_denied", numbers: [50_105], text: "secret text" },
    ]);
    const back = new URL(await nextOf(browser, await nextOf(browser, initiateUrl())));
    product.simulator.world.setTenantFaults(contoso.tenant.id, []);
    const end = new URL(await nextOf(browser, back.href));
    expect(end.href.startsWith(`${notes.redirectUri}&error=access_denied`)).toBe(true);
    expect(end.searchParams.get("client_state_nonce")).toBe(nonce);
    expect(end.href).not.toContain("secret");
  });
});

describe("guests", () => {
  it("stay out of an open connection unless the application lets them in", async () => {
    const end = await signIn({}, { user: 2 });
    expect(end.searchParams.get("error")).toBe("access_denied");
    const allowed = await codeOf({ redirect_uri: hosting.redirectUri }, { user: 2 });
    const { body } = await exchange(allowed, {
      redirect_uri: hosting.redirectUri,
      client_id: hosting.clientId,
      client_secret: hosting.secret,
    });
    expect((body["identity"] as { user_type: string }).user_type).toBe("guest");
  });

  it("are suspected where Microsoft does not say what an account is", async () => {
    product.simulator.world.realism = { ...noRealism, idTokenClaims: { acct: undefined } };
    const end = await signIn();
    expect(end.searchParams.get("error")).toBe("access_denied");
    expect(end.searchParams.get("error_description")).toContain("members of the directory only");
    const { body } = await exchange(await codeOf({ redirect_uri: hosting.redirectUri }), {
      redirect_uri: hosting.redirectUri,
      client_id: hosting.clientId,
      client_secret: hosting.secret,
    });
    expect((body["identity"] as { user_type: string }).user_type).toBe("unknown");
    product.simulator.world.realism = noRealism;
  });
});

describe("initiate sends nobody anywhere", () => {
  it.each<[string, Query, number]>([
    ["to an address that is not registered", { redirect_uri: "http://localhost:9/evil" }, 400],
    ["to one that begins like a registered one", { redirect_uri: `${notes.redirectUri}/x` }, 400],
    ["to one in another encoding", { redirect_uri: notes.redirectUri.replace("%41", "A") }, 400],
    ["to another project's application", { redirect_uri: foreign.redirectUri }, 400],
    ["without a nonce", { client_state_nonce: undefined }, 400],
    ["with a short nonce", { client_state_nonce: "short" }, 400],
    ["with a nonce of other characters", { client_state_nonce: "a".repeat(22) + "!" }, 400],
    ["without a project", { project_id: undefined }, 400],
    ["for another project", { project_id: "proj_other" }, 404],
    ["for another organization", { organization_id: newOrg() }, 404],
    ["for a domain that is not the connection's", { domain_hint: "elsewhere.example" }, 404],
    ["with a plain challenge", { code_challenge: newSecret(), code_challenge_method: "plain" }, 400],
    ["for a public application without a challenge", { redirect_uri: spa.redirectUri }, 400],
    ["with a prompt nobody knows", { prompt: "consent" }, 400],
    ["with a hint of 321 characters", { login_hint: "a".repeat(321) }, 400],
  ])("%s", async (_name, query, status) => {
    const answer = await new Browser().request(initiateUrl(query));
    expect([answer.status, answer.headers.get("location")]).toEqual([status, null]);
    expect(answer.headers.get("content-type")).toContain("text/html");
  });

  it("twice for one parameter", async () => {
    const answer = await new Browser().request(`${initiateUrl()}&redirect_uri=http://localhost:9/evil`);
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  });

  it("passes hints on to Microsoft", async () => {
    const to = new URL(
      await nextOf(new Browser(), initiateUrl({ login_hint: "ada@b.example", prompt: "login" })),
    );
    expect(to.searchParams.get("login_hint")).toBe("ada@b.example");
    expect(to.searchParams.get("prompt")).toBe("login");
    expect(product.lines.join("\n")).not.toContain("ada@b.example");
    const none = { login_hint: "", prompt: "", domain_hint: "" };
    const anyhow = new URL(await nextOf(new Browser(), initiateUrl(none)));
    expect(anyhow.pathname).toContain("/oauth2/v2.0/authorize");
    for (const name of Object.keys(none)) expect(anyhow.searchParams.has(name)).toBe(false);
  });
});

it("finishes in the browser and at the connection that began it, and nowhere else", async () => {
  const browser = new Browser();
  const callback = await chooseUser(browser, contoso.tenant, await nextOf(browser, initiateUrl()));
  expect(await nextOf(new Browser(), callback)).toContain("/refused?about=");
  expect(await nextOf(browser, callback)).toContain("error=access_denied");

  const second = new Browser();
  const answer = await chooseUser(second, contoso.tenant, await nextOf(second, initiateUrl()));
  const elsewhere = answer.replace(contoso.connection, fabrikam.connection);
  expect(await nextOf(second, elsewhere)).toContain("/refused?about=");
});

it("leaves no code, e-mail or nonce in logs or tables", async () => {
  const code = await codeOf();
  const { body } = await exchange(code);
  const { email } = body["identity"] as { email: string };
  const tables = await Promise.all(
    ["signin_codes", "signin_tokens", "code_redemptions", "audit_events", "sso_connections"].map((table) =>
      product.sql.unsafe(`select * from ${table}`),
    ),
  );
  for (const text of [JSON.stringify(tables), product.lines.join("\n")])
    for (const secret of [code, email, nonce, notes.secret, body["access_token"] as string])
      expect(text).not.toContain(secret);
  expect(decodeJwt(body["access_token"] as string)["email"]).toBeUndefined();
});
