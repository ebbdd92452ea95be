import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
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
import { newOrg, type Product, startProduct, testProject } from "../support/product.ts";
import { chooseUser, connectTenant } from "../support/sign-in.ts";

// The platform's way to sign in: initiate, a code, the exchange.

const file = applicationsFile();
let product: Product;
type Connected = Awaited<ReturnType<typeof connectTenant>> & { org: string };
let contoso: Connected;
let fabrikam: Connected;

async function connected(): Promise<Connected> {
  const made = await connectTenant(product);
  const [row] = await product.sql`select org_id from sso_connections where id = ${made.connection}`;
  return { ...made, org: row?.["org_id"] as string };
}

beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: file.file });
  await product.startWorker();
  [contoso, fabrikam] = [await connected(), await connected()];
});
afterEach(() => {
  product.simulator.world.realism = { ...noRealism };
});
afterAll(async () => {
  await product.stop();
  file.remove();
});

type Query = Record<string, string | undefined>;
const nonce = newSecret();

function initiateUrl(query: Query = {}, at = contoso): string {
  const url = new URL(`${at.base}/initiate`);
  const asked: Query = {
    project_id: testProject,
    redirect_uri: notes.redirectUri,
    client_state_nonce: nonce,
    ...query,
  };
  for (const [name, value] of Object.entries(asked))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

/** The whole sign-in of a member (or another user) up to the application's address. */
async function signIn(query: Query = {}, { user = 1, at = contoso } = {}): Promise<URL> {
  const browser = new Browser();
  const callback = await chooseUser(browser, at.tenant, await nextOf(browser, initiateUrl(query, at)), user);
  return new URL(await nextOf(browser, callback));
}

async function exchange(
  code: string | null,
  body: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${product.origin}/v1/auth/session-handoff/exchange`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      code,
      redirect_uri: notes.redirectUri,
      client_state_nonce: nonce,
      client_id: notes.clientId,
      client_secret: notes.secret,
      ...body,
    }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const codeOf = async (query: Query = {}, how = {}): Promise<string> =>
  (await signIn(query, how)).searchParams.get("code") ?? "";

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

  it("is the same person after a reconnect and another one in another organization", async () => {
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
  });
});

describe("an exchange gives nothing", () => {
  it.each<[string, Query, Record<string, unknown>, [number, string]]>([
    ["without secret or verifier", {}, { client_secret: undefined }, [401, "invalid_client"]],
    [
      "with neither client nor secret",
      {},
      { client_id: undefined, client_secret: undefined },
      [401, "invalid_client"],
    ],
    ["with a wrong secret", {}, { client_secret: newSecret() }, [401, "invalid_client"]],
    [
      "to another application",
      {},
      { client_id: hosting.clientId, client_secret: hosting.secret },
      [400, "invalid_grant"],
    ],
    [
      "to another project's",
      {},
      { client_id: foreign.clientId, client_secret: foreign.secret },
      [400, "invalid_grant"],
    ],
    ["with a verifier where no challenge was", {}, { code_verifier: newSecret() }, [400, "invalid_grant"]],
    [
      "without the verifier of its challenge",
      { code_challenge: challengeOf(newSecret()) },
      {},
      [400, "invalid_grant"],
    ],
    ["for another nonce", {}, { client_state_nonce: newSecret() }, [400, "invalid_grant"]],
    [
      "for another redirect URI",
      {},
      { redirect_uri: "http://localhost:9/notes/other" },
      [400, "invalid_grant"],
    ],
    ["for another organization", {}, { organization_id: newOrg() }, [400, "invalid_grant"]],
    ["for another connection", {}, { connection_id: "sso_0" }, [400, "invalid_grant"]],
  ])("%s, and the code is spent", async (_name, query, body, expected) => {
    const code = await codeOf(query);
    const refused = await exchange(code, body);
    expect([refused.status, refused.body["code"]]).toEqual(expected);
    if (expected[1] === "invalid_client" && body["client_secret"] !== undefined) return;
    expect((await exchange(code)).status).toBe(400);
  });

  it("for a code that is over, unknown or no code at all", async () => {
    const code = await codeOf();
    await product.sql`update signin_codes set expires_at = now() - interval '1 second' where spent_at is null`;
    for (const given of [code, newSecret(), "x"])
      expect((await exchange(given)).body["code"]).toBe("invalid_grant");
  });

  it("for a malformed call, with each field that is wrong", async () => {
    const { status, body } = await exchange(null, { redirect_uri: 7, extra: true });
    expect(status).toBe(400);
    expect((body["errors"] as { path: string }[]).map(({ path }) => path).toSorted()).toEqual([
      "code",
      "extra",
      "redirect_uri",
    ]);
    const form = await fetch(`${product.origin}/v1/auth/session-handoff/exchange`, {
      method: "POST",
      body: new URLSearchParams({ code: "x" }),
    });
    expect(form.status).toBe(400);
  });

  it("to a page of a foreign origin; the application's own may call", async () => {
    const own = await fetch(`${product.origin}/v1/auth/session-handoff/exchange`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:9", "access-control-request-method": "POST" },
    });
    expect(own.headers.get("access-control-allow-origin")).toBe("http://localhost:9");
    expect(own.headers.get("access-control-allow-credentials")).toBeNull();
    expect((await exchange(await codeOf(), {}, { origin: "https://evil.example" })).status).toBe(400);
    expect((await exchange(await codeOf(), {}, { origin: "http://localhost:9" })).status).toBe(200);
  });
});

describe("a connection that is suspended meanwhile", () => {
  const suspend = () =>
    product.sql`update sso_connections set status = 'suspended', epoch = epoch + 1 where id = ${fabrikam.connection}`;
  const resume = () =>
    product.sql`update sso_connections set status = 'active', epoch = epoch + 1 where id = ${fabrikam.connection}`;
  afterEach(resume);

  it.each(["suspended", "suspended and resumed"])("%s before the answer", async (what) => {
    const browser = new Browser();
    const microsoft = await nextOf(browser, initiateUrl({}, fabrikam));
    const callback = await chooseUser(browser, fabrikam.tenant, microsoft);
    await suspend();
    if (what !== "suspended") await resume();
    const end = new URL(await nextOf(browser, callback));
    expect([end.searchParams.get("error"), end.searchParams.get("code")]).toEqual(["access_denied", null]);
  });

  it.each(["suspended", "suspended and resumed"])("%s before the exchange", async (what) => {
    const code = await codeOf({}, { at: fabrikam });
    await suspend();
    if (what !== "suspended") await resume();
    expect((await exchange(code)).body["code"]).toBe("invalid_grant");
  });

  it("begins no sign-in, and says whom to ask", async () => {
    await suspend();
    const answer = await new Browser().request(initiateUrl({}, fabrikam));
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("Ask an owner or admin of your organization");
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
