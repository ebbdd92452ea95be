import net from "node:net";
import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  eventually,
  newOrg,
  operatorToken,
  type Product,
  startProduct,
  testProject,
} from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

const org = newOrg();
const startUrl = (of = org) => `${product.origin}/v1/session/orgs/${of}/ms-provision/start`;

async function problemOf(answer: Response): Promise<[number, string]> {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const body = (await answer.json()) as Record<string, unknown>;
  expect(Object.keys(body).toSorted()).toEqual([
    "action",
    "code",
    "detail",
    ...(answer.status === 400 ? ["errors"] : []),
    "message",
    "request_id",
    "status",
    "title",
    "type",
  ]);
  expect(body["message"]).toBe(body["detail"]);
  return [answer.status, body["code"] as string];
}

describe("start", () => {
  it.each([
    ["malformed JSON", "{", 400, "invalid_request"],
    ["an unknown field", '{"tenant":"x"}', 400, "invalid_request"],
    ["a wrong type", '{"return_to":7}', 400, "invalid_request"],
    ["an unknown choice", '{"access":"nobody"}', 400, "invalid_request"],
    ["a list", "[]", 400, "invalid_request"],
    ["an unknown binding", '{"binding":"setup_link"}', 400, "invalid_request"],
    ["an oversize body", JSON.stringify({ return_to: "x".repeat(20_000) }), 413, "body_too_large"],
    ["a return URL elsewhere", '{"return_to":"https://evil.example/"}', 422, "return_to_not_allowed"],
  ])("%s", async (_name, body, status, code) => {
    const answer = await fetch(startUrl(), {
      method: "POST",
      body,
      headers: { authorization: `Bearer ${await product.session(org)}` },
    });
    expect(await problemOf(answer)).toEqual([status, code]);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  it("refuses sessions that are missing, too weak or forged", async () => {
    const post = (authorization?: string, of = org) =>
      fetch(startUrl(of), { method: "POST", headers: authorization === undefined ? {} : { authorization } });
    const claims = { act_org: org, act_role: "owner", project_id: testProject };
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("u")
      .setIssuer(product.environment["AUTHIO_SESSION_ISSUER"] ?? "")
      .setAudience("test")
      .setExpirationTime("1h")
      .sign(new Uint8Array(32));
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify({ ...claims, sub: "u" })).toString("base64url")}.`;
    expect(await problemOf(await post())).toEqual([401, "no_session"]);
    for (const token of [forged, none, "x"])
      expect(await problemOf(await post(`Bearer ${token}`))).toEqual([401, "no_session"]);
    expect(await problemOf(await post(`Basic ${await product.session(org)}`))).toEqual([401, "no_session"]);
    expect(await problemOf(await post(`Bearer ${await product.session(newOrg())}`))).toEqual([
      404,
      "organization_not_found",
    ]);
  });

  it("accepts a cookie session from its own origin only", async () => {
    const cookie = `authio_session=${await product.session(org)}`;
    const post = (headers: Record<string, string>) =>
      fetch(startUrl(), { method: "POST", headers: { cookie, ...headers } });
    expect(await problemOf(await post({}))).toEqual([403, "cross_site_refused"]);
    expect(await problemOf(await post({ origin: "https://evil.example" }))).toEqual([
      403,
      "cross_site_refused",
    ]);
    expect((await post({ origin: product.origin })).status).toBe(201);
  });

  it("gives a cookie no other site and no script can use, and a consent URL as Microsoft documents it", async () => {
    const answer = await fetch(startUrl(), {
      method: "POST",
      headers: { authorization: `Bearer ${await product.session(org)}`, origin: product.origin },
    });
    expect(answer.headers.get("set-cookie")).toMatch(
      /^__Host-authio_ms_browser=[\w-]{43}; Max-Age=86400; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const { consent_url: href } = (await answer.json()) as { consent_url: string };
    const url = new URL(href);
    expect(url.origin + url.pathname).toBe(`${product.simulator.origin}/organizations/v2.0/adminconsent`);
    expect([...url.searchParams.keys()]).toEqual(["client_id", "scope", "redirect_uri", "state"]);
    expect(url.searchParams.get("scope")).toBe("https://graph.microsoft.com/.default");
    expect(url.searchParams.get("redirect_uri")).toBe(`${product.origin}/v1/sso/microsoft/consent/callback`);
    const stored = JSON.stringify(await product.sql`select * from ms_provision_requests`);
    expect(stored).not.toContain(url.searchParams.get("state"));
  });

  it("a start from another site is told what to configure", async () => {
    const answer = await fetch(startUrl(), {
      method: "POST",
      headers: { authorization: `Bearer ${await product.session(org)}`, origin: "https://app.example.com" },
    });
    expect(await problemOf(answer)).toEqual([422, "binding_unavailable"]);
  });
});

describe("callback", () => {
  const guid = "11111111-2222-3333-4444-555555555555";
  const state = "a".repeat(43);
  it.each([
    ["nothing", ""],
    ["two states", `state=${state}&state=${state}&admin_consent=True&tenant=${guid}`],
    ["two tenants", `state=${state}&admin_consent=True&tenant=${guid}&tenant=${guid}`],
    ["a path as tenant", `state=${state}&admin_consent=True&tenant=../../common`],
    ["a domain as tenant", `state=${state}&admin_consent=True&tenant=evil.example`],
    [
      "the personal accounts' tenant",
      `state=${state}&admin_consent=True&tenant=9188040d-6c67-4c5b-b112-36a304b66dad`,
    ],
    ["no consent", `state=${state}&admin_consent=False&tenant=${guid}`],
    ["an unknown state", `state=${state}&admin_consent=True&tenant=${guid}`],
    ["a forged second leg", `state=0s.mspr_${"0".repeat(32)}.${state}&code=x`],
    ["a query beyond measure", `state=${state}&x=${"y".repeat(5000)}`],
  ])("%s gets a page, echoes nothing and changes nothing", async (_name, query) => {
    const callback = `${product.origin}/v1/sso/microsoft/consent/callback?${query}&error_description=%3Cscript%3Emarker`;
    // A page even for who asks for JSON: a browser is all that ever comes here.
    const answer = await fetch(callback, { redirect: "manual", headers: { accept: "application/json" } });
    expect(answer.status).toBe(303);
    const page = await fetch(answer.headers.get("location") ?? "");
    expect(page.status).toBe(400);
    expect(page.headers.get("content-type")).toContain("text/html");
    for (const { headers } of [answer, page]) {
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
    }
    expect(answer.headers.get("location")).not.toMatch(/marker|evil|aaaaaaaaaa|[?&](state|code|tenant)=/);
    expect(await page.text()).not.toMatch(/marker|evil|aaaaaaaaaa/);
  });
});

describe("the page of a refusal", () => {
  const refused = async () => {
    const answer = await fetch(`${product.origin}/v1/sso/microsoft/consent/callback?code=x`, {
      redirect: "manual",
    });
    return new URL(answer.headers.get("location") ?? "");
  };
  const statusAt = async (url: URL) => (await fetch(url, { redirect: "manual" })).status;

  it("says only what we said, at the address where we said it", async () => {
    const url = await refused();
    expect(await statusAt(url)).toBe(400);
    const [body = "", signature = ""] = (url.searchParams.get("about") ?? "").split(".");
    const facts = JSON.parse(Buffer.from(body, "base64url").toString()) as Record<string, unknown>;
    const forged = (change: object) =>
      Buffer.from(JSON.stringify({ ...facts, ...change })).toString("base64url");
    for (const about of [
      "",
      "x",
      body,
      `${body}.`,
      `.${signature}`,
      `${forged({ c: "wrong_browser" })}.${signature}`,
      `${forged({ m: "call 0900 123 456" })}.${signature}`,
      `${body}.${signature.slice(1)}A`,
      "y".repeat(5000),
    ]) {
      const changed = new URL(url);
      changed.searchParams.set("about", about);
      const answer = await fetch(changed);
      expect(answer.status).toBe(404);
      expect(await answer.text()).not.toContain("0900");
    }
    const elsewhere = new URL(url);
    elsewhere.pathname = `/v1/sso/connections/sso_${"0".repeat(32)}/refused`;
    expect(await statusAt(elsewhere)).toBe(404);
  });
});

describe("other routes", () => {
  it("unknown ids and foreign organizations look alike", async () => {
    const headers = { authorization: `Bearer ${await product.session(org)}` };
    for (const path of [
      `/v1/session/orgs/${org}/ms-provision/mspr_${"0".repeat(32)}`,
      `/v1/session/orgs/${org}/ms-provision/x`,
      `/v1/session/orgs/${org}/sso-connections/sso_${"0".repeat(32)}`,
      "/v1/nothing",
    ])
      expect(await problemOf(await fetch(product.origin + path, { headers }))).toEqual([404, "not_found"]);
    for (const path of ["sso-connections", "ms-provision", `ms-provision/mspr_${"0".repeat(32)}`]) {
      const answer = await fetch(`${product.origin}/v1/session/orgs/${newOrg()}/${path}`, { headers });
      expect(await problemOf(answer)).toEqual([404, "organization_not_found"]);
    }
  });

  it("an operator's retry with bad input changes nothing", async () => {
    const url = `${product.origin}/v1/admin/ms-provisions/mspr_${"0".repeat(32)}/retry`;
    expect(await problemOf(await fetch(url, { method: "POST" }))).toEqual([401, "unauthenticated"]);
    expect(
      await problemOf(
        await fetch(url, {
          method: "POST",
          headers: { authorization: `Bearer ${operatorToken}` },
          body: "{}",
        }),
      ),
    ).toEqual([404, "not_found"]);
  });

  it("audit events cannot be changed", async () => {
    await expect(product.sql`update audit_events set actor = 'x'`).rejects.toThrow("append-only");
    await expect(product.sql`delete from audit_events`).rejects.toThrow("append-only");
  });
});

it("unknown session keys cost five fetches, then 503 with Retry-After; known ones go on", async () => {
  const forged = async () =>
    new SignJWT({ act_org: org, act_role: "owner", project_id: testProject })
      .setProtectedHeader({ alg: "EdDSA", kid: crypto.randomUUID() })
      .setSubject("u")
      .setIssuer(product.environment["AUTHIO_SESSION_ISSUER"] ?? "")
      .setAudience("test")
      .setExpirationTime("1h")
      .sign((await generateKeyPair("EdDSA")).privateKey);
  const url = `${product.origin}/v1/session/orgs/${org}/sso-connections`;
  const ask = async (token: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const answers = [];
  for (let nth = 0; nth < 8; nth += 1) answers.push(await ask(await forged()));
  expect(answers[0]?.status).toBe(401);
  const last = answers.at(-1);
  expect(last?.headers.get("retry-after")).toMatch(/^([1-9]|10)$/);
  expect(last && (await problemOf(last))).toEqual([503, "service_unavailable"]);
  expect((await ask(await product.session(org))).status).toBe(200);
});

describe("not configured", () => {
  it("start answers 503 and the button's endpoint says why", async () => {
    const {
      AUTHIO_MS_PROVISION_CLIENT_ID: _id,
      AUTHIO_MS_PROVISION_CLIENT_SECRET: _secret,
      ...rest
    } = product.environment;
    const { wireApi } = await import("../../src/processes/wire-api.ts");
    const { loadApiConfig } = await import("../../src/config/load-config.ts");
    const quiet = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    };
    const api = wireApi(loadApiConfig(rest), quiet);
    const headers = { authorization: `Bearer ${await product.session(org)}` };
    expect(await problemOf(await api.app.request(startUrl(), { method: "POST", headers }))).toEqual([
      503,
      "ms_provision_not_configured",
    ]);
    const answer = await api.app.request(`/v1/session/orgs/${org}/ms-provision`, { headers });
    // The attempts that tests above left open are listed beside it.
    expect(await answer.json()).toMatchObject({
      configured: false,
      can_start: false,
      reason: "ms_provision_not_configured",
      connections: [],
    });
    await api.close();
  });
});

// Anybody can hang up; an alarm at night is for what is ours.
describe("a body that breaks off", () => {
  const form = "content-type: application/x-www-form-urlencoded";
  it.each([
    ["/v1/session/orgs/ORG/ms-provision/start", "authorization: Bearer SESSION"],
    ["/v1/auth/session-handoff/exchange", "content-type: application/json"],
    ["/v1/auth/token", form],
    ["/v1/auth/authorize", form],
    ["/v1/auth/end-session", form],
  ])("is no failure of ours: %s", async (path, headers) => {
    const from = product.lines.length;
    const session = await product.session(org);
    const { host, port } = new URL(product.origin);
    const head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\n${headers}\r\n`
      .replace("ORG", org)
      .replace("SESSION", session);
    for (const cut of [
      "content-length: 99\r\n\r\n{",
      "transfer-encoding: chunked\r\n\r\n1\r\n{\r\n",
      "transfer-encoding: chunked\r\n\r\nno length",
    ])
      await new Promise((resolve) => {
        const socket = net.connect(Number(port), "127.0.0.1", () => socket.end(head + cut));
        socket
          .on("close", resolve)
          .on("error", () => undefined)
          .resume();
      });
    const ended = () => product.lines.slice(from).filter((line) => line.includes(path.replace("ORG", org)));
    await eventually(() => Promise.resolve(ended().length >= 3));
    expect(ended().join("\n")).toContain("invalid_request");
    expect(product.lines.slice(from).join("\n")).not.toContain("unexpected error");
  });
});
