import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { applicationsFile, nextOf, notes, spa } from "../support/applications.ts";
import { createOidcDriver, type OidcDriver } from "../support/openid.ts";
import { eventually, type Product, startProduct } from "../support/product.ts";
import { chooseUser } from "../support/sign-in.ts";

// What clients out there send beside what the standards say, as their issue trackers tell.

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

describe("the token endpoint", () => {
  const call = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
    const body = new URLSearchParams(form);
    const answer = await fetch(`${product.origin}/v1/auth/token`, { method: "POST", headers, body });
    return answer.status;
  };

  it("knows a public client that sends an empty secret, in a header or beside its id", async () => {
    const form = async (): Promise<Record<string, string>> => {
      const asked = await driver.ask({}, { client: driver.publicClient, redirectUri: spa.redirectUri });
      const code = (await driver.answerOf(asked)).searchParams.get("code") ?? "";
      const given = { grant_type: "authorization_code", code, redirect_uri: spa.redirectUri };
      return { ...given, code_verifier: asked.verifier };
    };
    const authorization = `Basic ${Buffer.from(`${spa.clientId}:`).toString("base64")}`;
    expect(await call(await form(), { authorization })).toBe(200);
    expect(await call({ ...(await form()), client_id: spa.clientId, client_secret: "" })).toBe(200);
  });

  it("takes a header beside the client's id, a charset, and extensions more than once", async () => {
    const { client_id: id = "", client_secret: secret = "", ...form } = await driver.codeForm();
    const body = new URLSearchParams({ ...form, client_id: id, audience: "a", scope: "openid" });
    for (const resource of ["https://a.example", "https://b.example"]) body.append("resource", resource);
    const answer = await fetch(`${product.origin}/v1/auth/token`, {
      method: "POST",
      headers: {
        authorization: `basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
      },
      body: body.toString(),
    });
    expect(answer.status).toBe(200);
  });

  it("says what is wrong where a client gives its secret in two ways", async () => {
    const form = await driver.codeForm();
    const both = {
      authorization: `Basic ${Buffer.from(`${notes.clientId}:${notes.secret}`).toString("base64")}`,
    };
    const body = new URLSearchParams(form);
    const answer = await fetch(`${product.origin}/v1/auth/token`, { method: "POST", headers: both, body });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: "invalid_request", error_description: "client_secret is given in two ways; keep one" },
    ]);
  });

  it("takes a code once, whoever repeats the parameter", async () => {
    const form = new URLSearchParams(await driver.codeForm());
    form.append("code", "another");
    const answer = await fetch(`${product.origin}/v1/auth/token`, { method: "POST", body: form });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: "invalid_request" }]);
  });
});

describe("userinfo", () => {
  it.each(["application/json", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded"])(
    "takes the bearer of a POST that announces %s and sends nothing to read",
    async (type) => {
      const { access_token: token } = await driver.signIn();
      const answer = await fetch(`${product.origin}/v1/auth/userinfo`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": type },
        body: type === "application/json" ? "{}" : "",
      });
      expect([answer.status, await answer.json()]).toMatchObject([
        200,
        { sub: expect.any(String) as string },
      ]);
    },
  );

  it("reads no token from a body of another type", async () => {
    const { access_token: token } = await driver.signIn();
    const answer = await fetch(`${product.origin}/v1/auth/userinfo`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ access_token: token }),
    });
    expect(answer.status).toBe(401);
  });
});

it("a silent question that Microsoft cannot answer is no failure of the connection's", async () => {
  const ask = async (query: Record<string, string>, user: number, said = {}): Promise<string | null> => {
    const browser = new Browser();
    const asked = await driver.ask(query);
    const microsoft = await nextOf(browser, asked.url.href);
    const callback = new URL(
      query["prompt"] === "none"
        ? await nextOf(browser, microsoft)
        : await chooseUser(browser, driver.contoso.tenant, microsoft, user),
    );
    for (const [name, value] of Object.entries<string>(said)) callback.searchParams.set(name, value);
    return new URL(await nextOf(browser, callback.href)).searchParams.get("error");
  };
  const counted = () =>
    product.sql`select code, count from daily_sign_in_failures where connection_id = ${driver.contoso.connection} order by code`;
  for (let frame = 0; frame < 5; frame += 1) expect(await ask({ prompt: "none" }, 1)).toBe("login_required");
  expect(await ask({}, 3)).toBe("access_denied");
  // In the same words, but for a number that says what no question to the person mends.
  const unassigned = { error: "interaction_required", error_description: "AADSTS50105: Not assigned." };
  expect(await ask({ prompt: "none" }, 1, unassigned)).toBe("interaction_required");
  const challenged = { ...unassigned, error_description: "AADSTS50076: A second factor is needed." };
  expect(await ask({ prompt: "none" }, 1, challenged)).toBe("interaction_required");
  await eventually(async () => (await counted()).length > 1);
  expect(await counted()).toEqual([
    { code: "signin_blocked_by_policy", count: 1 },
    { code: "signin_not_assigned", count: 1 },
  ]);
});

it("a failure that passes is told to the application where it stands in the address, for no reload mends it", async () => {
  const browser = new Browser();
  const asked = await driver.ask({ prompt: "none" });
  const callback = new URL(
    await chooseUser(browser, driver.contoso.tenant, await nextOf(browser, asked.url.href)),
  );
  const code = callback.searchParams.get("code") ?? "";
  callback.searchParams.delete("code");
  callback.searchParams.set("error", "server_error");
  callback.searchParams.set("error_description", "AADSTS90033: A transient error has occurred.");
  const answer = new URL(await nextOf(browser, callback.href));
  expect(Object.fromEntries(answer.searchParams)).toEqual({
    error: "temporarily_unavailable",
    error_description: "The sign-in could not be finished.",
    state: asked.state,
    iss: product.origin,
  });
  // The flow is over.
  callback.search = new URLSearchParams({ code, state: callback.searchParams.get("state") ?? "" }).toString();
  expect(new URL(await nextOf(browser, callback.href)).pathname).toMatch(/refused$/);
});

it("sign-ins with long states never make a request too long; the oldest go", async () => {
  const browser = new Browser();
  const tabs = [];
  for (let tab = 0; tab < 8; tab += 1) {
    const asked = await driver.ask({ state: "s".repeat(2000) });
    tabs.push({ ...asked, microsoft: await nextOf(browser, asked.url.href) });
  }
  expect(browser.cookieHeader(new URL(product.origin).host).length).toBeLessThan(12_000);
  const ends = [];
  for (const { microsoft } of tabs) {
    const callback = await chooseUser(browser, driver.contoso.tenant, microsoft);
    ends.push(new URL(await nextOf(browser, callback)).searchParams.has("code"));
  }
  expect(ends.slice(-3)).toEqual([true, true, true]);
  expect(ends[0]).toBe(false);
});

describe("a page of any origin", () => {
  it.each([
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/v1/auth/.well-known/jwks.json",
  ])("may read %s, also where its client asks first", async (path) => {
    const asked = await fetch(product.origin + path, {
      method: "OPTIONS",
      headers: {
        origin: "https://anybody.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "x-requested-with",
      },
    });
    expect([asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    expect(asked.headers.get("access-control-allow-headers")).toContain("x-requested-with");
    const read = await fetch(product.origin + path, { headers: { origin: "https://anybody.example" } });
    expect([read.status, read.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
    expect(read.headers.get("access-control-allow-credentials")).toBeNull();
  });
});

describe("the authorization endpoint", () => {
  it.each([
    ["state", 2048],
    ["nonce", 512],
    ["domain_hint", 320],
  ])("says how long %s may be", async (name, most) => {
    const { url } = await driver.ask({ [name]: "a".repeat(most + 1) });
    const end = new URL(await nextOf(new Browser(), url.href));
    expect([end.searchParams.get("error"), end.searchParams.get("error_description")]).toEqual([
      "invalid_request",
      `The parameter ${name} is longer than ${most} characters.`,
    ]);
  });

  it("tells the application of a parameter that came twice, where it is clear who asked", async () => {
    const { url, state } = await driver.ask();
    const end = new URL(await nextOf(new Browser(), `${url.href}&nonce=second`));
    expect(end.href.startsWith(`${notes.otherUri}?error=invalid_request`)).toBe(true);
    expect(end.searchParams.get("state")).toBe(state);
    for (const name of ["client_id", "redirect_uri", "state"]) {
      const answer = await new Browser().request(`${url.href}&${name}=second`);
      expect([name, answer.status, answer.headers.get("location")]).toEqual([name, 400, null]);
    }
  });

  it.each([
    ["response_mode", "form_post", "query"],
    ["response_mode", "fragment", "query"],
    ["code_challenge_method", "plain", "S256"],
  ])("says what it takes in place of %s=%s", async (name, value, taken) => {
    const { url } = await driver.ask({ [name]: value });
    const end = new URL(await nextOf(new Browser(), url.href));
    expect(end.searchParams.get("error")).toBe("invalid_request");
    expect(end.searchParams.get("error_description")).toBe(`Only ${name}=${taken} is supported.`);
  });

  it("passes over what it does not read, however often it comes", async () => {
    const { url } = await driver.ask();
    const extensions = "&resource=https://a.example&resource=https://b.example&x=1&x=2";
    expect(await nextOf(new Browser(), url.href + extensions)).toContain("/oauth2/v2.0/authorize");
  });

  it("takes by form what it takes by address: an ID token with hundreds of groups", async () => {
    const { url } = await driver.ask({ id_token_hint: "x".repeat(20_000) });
    const byAddress = await nextOf(new Browser(), url.href);
    const form = { method: "POST", body: url.searchParams } as const;
    const byForm = await nextOf(new Browser(), url.origin + url.pathname, form);
    for (const end of [byAddress, byForm])
      expect(new URL(end).searchParams.get("error_description")).toContain("id_token_hint");
    const signedOut = await fetch(`${product.origin}/v1/auth/end-session`, {
      method: "POST",
      body: new URLSearchParams({
        id_token_hint: "x".repeat(20_000),
        client_id: notes.clientId,
        post_logout_redirect_uri: notes.signedOutUri,
      }),
    });
    expect([signedOut.status, await signedOut.text()]).toMatchObject([
      200,
      expect.stringContaining(notes.signedOutUri),
    ]);
    const tooLong = await fetch(url.origin + url.pathname, { method: "POST", body: "x".repeat(70_000) });
    expect(tooLong.status).toBe(413);
  });
});
