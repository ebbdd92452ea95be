import { describe, expect, it } from "vitest";
import { type ConfigError, Environment } from "../../../src/config/environment.ts";
import { keepIssuersApart, readSessionRules } from "../../../src/config/session-rules.ts";

const read = (variables: Record<string, string>) => {
  const env = new Environment({ AUTHIO_PROJECT_ID: "proj_1", ...variables });
  const session = readSessionRules(env, false);
  keepIssuersApart(env, { session, ssoOrigin: "https://sso.example.com" });
  env.finish();
  return session;
};
const problemsOf = (variables: Record<string, string>): readonly string[] => {
  try {
    read(variables);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
};

describe("who signs dashboard sessions", () => {
  it("is the platform where nothing is set", () => {
    expect(read({})).toEqual({
      issuer: "https://identity.authio.com",
      audience: "authio",
      jwksUrl: "https://identity.authio.com/v1/auth/.well-known/jwks.json",
      projectIds: ["proj_1"],
      algorithms: ["EdDSA"],
      orgClaim: "act_org",
      roleClaim: "act_role",
      adminRoles: ["owner", "admin"],
      cookie: "authio_session",
    });
  });

  it("has its keys beside the issuer by default", () => {
    expect(read({ AUTHIO_SESSION_ISSUER: "https://id.example.com/" }).jwksUrl).toBe(
      "https://id.example.com/v1/auth/.well-known/jwks.json",
    );
  });

  it("takes several projects", () => {
    expect(read({ AUTHIO_PROJECT_ID: "proj_1, proj_2" }).projectIds).toEqual(["proj_1", "proj_2"]);
  });

  it.each([
    ["no project", { AUTHIO_PROJECT_ID: " " }, "AUTHIO_PROJECT_ID is not set"],
    ["a symmetric algorithm", { AUTHIO_SESSION_ALGORITHMS: "HS256" }, "AUTHIO_SESSION_ALGORITHMS"],
    ["no algorithm at all", { AUTHIO_SESSION_ALGORITHMS: "none" }, "AUTHIO_SESSION_ALGORITHMS"],
    ["a claim that projects add", { AUTHIO_SESSION_ORG_CLAIM: "org_id" }, "AUTHIO_SESSION_ORG_CLAIM"],
    ["a role that projects add", { AUTHIO_SESSION_ROLE_CLAIM: "role" }, "AUTHIO_SESSION_ROLE_CLAIM"],
    ["a prefixed cookie", { AUTHIO_SESSION_COOKIE: "__Host-session" }, "AUTHIO_SESSION_COOKIE"],
    ["a cookie that is none", { AUTHIO_SESSION_COOKIE: "a b" }, "AUTHIO_SESSION_COOKIE"],
    [
      "our own origin",
      { AUTHIO_SESSION_JWKS_URL: "https://SSO.example.com/jwks" },
      "AUTHIO_SESSION_JWKS_URL",
    ],
    [
      "our own origin as issuer",
      {
        AUTHIO_SESSION_ISSUER: "https://sso.example.com:443/x",
        AUTHIO_SESSION_JWKS_URL: "https://a.example.com/j",
      },
      "AUTHIO_SESSION_ISSUER",
    ],
    ["plain http", { AUTHIO_SESSION_JWKS_URL: "http://id.example.com/jwks" }, "AUTHIO_SESSION_JWKS_URL"],
  ])("refuses %s", (_name, variables, start) => {
    expect(problemsOf(variables)).toEqual([expect.stringContaining(start)]);
  });

  it("takes another issuer's claims", () => {
    const claims = { AUTHIO_SESSION_ORG_CLAIM: "org_id", AUTHIO_SESSION_ROLE_CLAIM: "role" };
    expect(read({ AUTHIO_SESSION_ISSUER: "https://id.example.com", ...claims })).toMatchObject({
      orgClaim: "org_id",
      roleClaim: "role",
    });
  });
});
