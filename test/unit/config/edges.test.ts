import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type ConfigError } from "../../../src/config/environment.ts";
import { loadApiConfig } from "../../../src/config/load-config.ts";

const good = {
  DATABASE_URL: "postgres://db/x",
  AUTHIO_MS_CONSENT_RETURN_HOSTS: "app.example.com",
  AUTHIO_IMPORT_CREDS_KEY: randomBytes(32).toString("base64"),
  AUTHIO_SSO_ORIGIN: "https://sso.example.com",
  AUTHIO_MANAGEMENT_ORIGIN: "https://api.example.com",
  AUTHIO_DASHBOARD_URL: "https://app.example.com/",
  AUTHIO_PROJECT_ID: "proj_1",
  AUTHIO_SESSION_ISSUER: "https://id.example.com",
  AUTHIO_SESSION_AUDIENCE: "dashboard",
  AUTHIO_SESSION_JWKS_URL: "https://id.example.com/jwks",
};
const problemsOf = (variables: Record<string, string>): readonly string[] => {
  try {
    loadApiConfig({ ...good, ...variables });
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
};

describe("operators' tokens", () => {
  const digest = (token: string): string => createHash("sha256").update(token).digest("hex");
  const strong = (): string => digest(randomBytes(32).toString("hex"));
  const problems = (tokens: string) => problemsOf({ AUTHIO_OPERATOR_TOKENS: tokens });

  it("takes digests of random tokens, in either case", () => {
    expect(problems(`tess:${strong()},otto@example.com:${strong().toUpperCase()}`)).toEqual([]);
  });

  it.each([
    "",
    "\n",
    " ",
    "TOKEN",
    "token",
    "Token",
    "TOKEN\n",
    "token\r\n",
    "$TOKEN",
    "${TOKEN}",
    "<TOKEN>",
    '"TOKEN"',
    "Bearer TOKEN",
    "changeme",
    "secret\n",
    "password",
    "test",
    "12345678",
    "tess",
  ])("refuses the digest of %j, and says how to make one that is random", (weak) => {
    const [problem, ...others] = problems(`otto:${strong()},tess:${digest(weak)}`);
    expect(others).toEqual([]);
    expect(problem).toMatch(/^AUTHIO_OPERATOR_TOKENS .*openssl rand/);
    expect(problem).not.toMatch(/tess|otto/);
  });

  it.each([
    ["tess", /name:sha256 pairs/],
    ["tess:", /name:sha256 pairs/],
    [`tess:${"g".repeat(64)}`, /name:sha256 pairs/],
    [`:${strong()}`, /name:sha256 pairs/],
    [`tess:${strong()},tess:${strong()}`, /one name twice/],
    [`tess:${strong()},TESS:${strong()}`, /one name twice/],
  ])("refuses %s", (tokens, problem) => {
    expect(problems(tokens)).toEqual([expect.stringMatching(problem)]);
  });

  it("refuses one token of two operators, however it is written", () => {
    const shared = strong();
    expect(problems(`tess:${shared},otto:${shared.toUpperCase()}`)).toEqual([
      expect.stringContaining("one digest twice"),
    ]);
  });
});

describe("hosts", () => {
  it.each([
    "co.uk",
    "CO.UK.",
    "com.au",
    "github.io",
    "azurewebsites.net",
    "s3.amazonaws.com",
    "xn--55qx5d.cn",
  ])("refuses the public suffix %s as a return host, a confirm host and an origin", (suffix) => {
    for (const name of ["AUTHIO_MS_CONSENT_RETURN_HOSTS", "AUTHIO_MS_CONFIRM_HOSTS"])
      expect(problemsOf({ [name]: `app.example.com,${suffix}` })).toEqual([
        expect.stringMatching(new RegExp(`^${name} .*public suffix`)),
      ]);
    for (const name of ["AUTHIO_DASHBOARD_ORIGINS", "AUTHIO_SSO_ORIGIN", "AUTHIO_DASHBOARD_URL"])
      expect(problemsOf({ [name]: `https://${suffix}` })).toEqual([
        expect.stringMatching(new RegExp(`^${name} .*public suffix`)),
      ]);
  });

  it("takes hosts under one, and names that no list knows", () => {
    const hosts = "example.co.uk,acme.github.io,app.corp.internal,sso.example.com";
    expect(problemsOf({ AUTHIO_MS_CONSENT_RETURN_HOSTS: hosts })).toEqual([]);
  });

  it.each(["com", "uk", "intranet", "localhost"])("refuses the single label %s", (label) => {
    expect(problemsOf({ AUTHIO_MS_CONSENT_RETURN_HOSTS: label })).toHaveLength(1);
  });
});

describe("plain http", () => {
  const insecure = { AUTHIO_ALLOW_INSECURE_LOOPBACK: "1" };

  it.each(["0.0.0.0", "::", "10.0.0.7", "sso.example.com", "127.0.0.1.nip.io", "*", "1270.0.0.1"])(
    "is not admitted where the service listens on %s",
    (host) => {
      expect(problemsOf({ ...insecure, HOST: host })).toEqual([
        expect.stringMatching(/^HOST must be loopback/),
      ]);
      expect(problemsOf({ HOST: host })).toEqual([]);
    },
  );

  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["127.8.8.8", "127.8.8.8"],
    ["LOCALHOST", "localhost"],
    ["::1", "::1"],
    ["[::1]", "::1"],
  ])("is admitted on %s", (host, listens) => {
    expect(loadApiConfig({ ...good, ...insecure, HOST: host }).host).toBe(listens);
  });

  it("moves the default from every interface to loopback", () => {
    expect(loadApiConfig(good).host).toBe("0.0.0.0");
    expect(loadApiConfig({ ...good, ...insecure }).host).toBe("127.0.0.1");
  });
});

describe("the port for machines", () => {
  it("listens where the service does; unset, nowhere", () => {
    expect(loadApiConfig(good).watch).toBeUndefined();
    expect(loadApiConfig({ ...good, AUTHIO_METRICS_PORT: "9464", HOST: "10.0.0.7" }).watch).toEqual({
      host: "10.0.0.7",
      port: 9464,
    });
  });

  it.each([
    ["is people's port", { PORT: "3000", AUTHIO_METRICS_PORT: "3000" }],
    ["is no port", { AUTHIO_METRICS_PORT: "70000" }],
    ["is no number", { AUTHIO_METRICS_PORT: "on" }],
  ])("is refused where it %s", (_what, variables) => {
    expect(problemsOf(variables)).toEqual([expect.stringMatching(/^AUTHIO_METRICS_PORT must/)]);
  });
});
