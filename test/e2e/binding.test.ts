import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type WiredApi, wireApi } from "../../src/processes/wire-api.ts";
import { loadApiConfig } from "../../src/config/load-config.ts";
import { newOrg, type Product, startProduct } from "../support/product.ts";

// One process answers on two public origins, or on one. Which binding a start gets decides who may finish it.

let product: Product;
let [twoOrigins, oneOrigin]: WiredApi[] = [];
const sso = "https://sso.example.com";

beforeAll(async () => {
  product = await startProduct();
  const wired = (overrides: Record<string, string>) =>
    wireApi(
      loadApiConfig({
        ...product.environment,
        AUTHIO_SSO_ORIGIN: sso,
        AUTHIO_DASHBOARD_URL: "https://app.example.com/",
        AUTHIO_DASHBOARD_ORIGINS: "https://app.example.com",
        AUTHIO_MS_CONSENT_RETURN_HOSTS: "app.example.com,elsewhere.example.net",
        AUTHIO_MS_CONFIRM_HOSTS: "app.example.com",
        ...overrides,
      }),
      product.log,
    );
  twoOrigins = wired({ AUTHIO_MANAGEMENT_ORIGIN: "https://api.example.com" });
  oneOrigin = wired({ AUTHIO_SSO_ORIGIN: "https://SSO.example.com.:443/", AUTHIO_MANAGEMENT_ORIGIN: sso });
});
afterAll(async () => {
  await twoOrigins?.close();
  await oneOrigin?.close();
  await product.stop();
});

interface Answer {
  readonly status: number;
  readonly binding?: string;
  readonly code?: string;
  readonly plantsCookie: boolean;
}

async function startAt(
  api: WiredApi | undefined,
  headers: Record<string, string>,
  body: object = {},
): Promise<Answer> {
  const org = newOrg();
  const answer = await api?.app.request(`/v1/session/orgs/${org}/ms-provision/start`, {
    method: "POST",
    headers: { authorization: `Bearer ${await product.session(org)}`, ...headers },
    body: JSON.stringify(body),
  });
  if (!answer) throw new Error("no API");
  const { binding, code } = (await answer.json()) as { binding?: string; code?: string };
  return {
    status: answer.status,
    ...(binding === undefined ? {} : { binding }),
    ...(code === undefined ? {} : { code }),
    plantsCookie: answer.headers.has("set-cookie"),
  };
}

const cookie = { status: 201, binding: "cookie", plantsCookie: true };
const confirm = { status: 201, binding: "confirm", plantsCookie: false };
const unavailable = { status: 422, code: "binding_unavailable", plantsCookie: false };
const dashboard = { origin: "https://app.example.com", "sec-fetch-site": "same-site" };

describe("the host that was called", () => {
  it.each([
    "sso.example.com",
    "sso.example.com:443",
    "SSO.Example.COM",
    "sso.example.com.",
    "SSO.example.com.:443",
    "sso.example.com:8443",
  ])("%s is the sso origin", async (host) => {
    expect(await startAt(twoOrigins, { host, ...dashboard })).toEqual(cookie);
  });

  it.each([
    "api.example.com",
    "api.example.com:443",
    "sso.example.com.evil.example",
    "sso.example.com@api.example.com",
    "xsso.example.com",
    "",
  ])("%j is not", async (host) => {
    expect(await startAt(twoOrigins, { host, ...dashboard })).toEqual(confirm);
  });

  it.each(["sso.example.com:443", "10.0.0.7:3000"])(
    "with one origin every call is served on it, also as %s",
    async (host) => {
      expect(await startAt(oneOrigin, { host, ...dashboard })).toEqual(cookie);
    },
  );
});

describe("who called", () => {
  it.each([
    ["the same site by its origin", { origin: "https://app.example.com" }, cookie],
    ["the sso origin itself", { origin: sso }, cookie],
    ["another spelling of the site", { origin: "https://APP.Example.com.:443" }, cookie],
    ["the same origin by Fetch Metadata", { "sec-fetch-site": "same-origin" }, cookie],
    ["the same site by Fetch Metadata", { "sec-fetch-site": "same-site" }, cookie],
    ["a backend", {}, confirm],
    ["another site by its origin", { origin: "https://app.example.net" }, confirm],
    ["another site by Fetch Metadata", { "sec-fetch-site": "cross-site" }, confirm],
    ["the site over http", { origin: "http://app.example.com" }, confirm],
    ["a page without an origin", { origin: "null", "sec-fetch-site": "same-origin" }, confirm],
    ["two that differ", { origin: "https://app.example.com", "sec-fetch-site": "cross-site" }, confirm],
    ["a person's own doing", { "sec-fetch-site": "none" }, confirm],
  ])("%s", async (_name, headers, expected) => {
    expect(await startAt(oneOrigin, headers)).toEqual(expected);
  });

  it("is told what to configure where the binding it needs is not possible", async () => {
    const body = { return_to: "https://elsewhere.example.net/" };
    expect(await startAt(oneOrigin, {}, body)).toEqual(unavailable);
    expect(await startAt(oneOrigin, { "sec-fetch-site": "cross-site" }, body)).toEqual(unavailable);
    expect(await startAt(twoOrigins, { host: "api.example.com", ...dashboard }, body)).toEqual(unavailable);
    // The return host never decides against the cookie.
    expect(await startAt(oneOrigin, dashboard, body)).toEqual(cookie);
  });
});

describe("what the call asks for", () => {
  it.each([
    ["cookie", "from a backend that passes it on", {}, cookie],
    ["cookie", "from the same site", dashboard, cookie],
    ["cookie", "from another site", { origin: "https://app.example.net" }, unavailable],
    ["confirm", "from the same site", dashboard, confirm],
    ["confirm", "from a backend", {}, confirm],
  ])("%s %s", async (binding, _from, headers, expected) => {
    expect(await startAt(oneOrigin, headers, { binding })).toEqual(expected);
  });

  it("is refused where it cannot work", async () => {
    expect(await startAt(twoOrigins, { host: "api.example.com" }, { binding: "cookie" })).toEqual(
      unavailable,
    );
    expect(
      await startAt(oneOrigin, dashboard, {
        binding: "confirm",
        return_to: "https://elsewhere.example.net/",
      }),
    ).toEqual(unavailable);
  });
});
