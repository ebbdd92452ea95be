import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { type ConfigError } from "../../../src/config/environment.ts";
import { loadApiConfig, loadWorkerConfig } from "../../../src/config/load-config.ts";

const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString("base64");
const good = {
  DATABASE_URL: "postgres://db/x",
  AUTHIO_MS_PROVISION_CLIENT_ID: "11111111-2222-3333-4444-555555555555",
  AUTHIO_MS_PROVISION_CLIENT_SECRET: "very-secret-value",
  AUTHIO_IMPORT_CREDS_KEY: key,
  AUTHIO_MS_CONSENT_RETURN_HOSTS: "app.example.com",
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
    loadApiConfig(variables);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
};

describe("configuration", () => {
  it("accepts the minimum and fills in defaults", () => {
    expect(loadApiConfig(good)).toMatchObject({
      role: "all",
      port: 3000,
      callbackWaitMs: 8000,
      provisioning: { kind: "configured" },
    });
    expect(loadWorkerConfig(good)).toMatchObject({
      adoptWindowMs: 30_000,
      provisioning: { kind: "configured" },
    });
  });

  it("reports every problem at once, each with its name, none with a value", () => {
    const problems = problemsOf({
      ...good,
      AUTHIO_IMPORT_CREDS_KEY: "short-secret",
      AUTHIO_SSO_ORIGIN: "http://sso.example.com",
      PORT: "x",
      AUTHIO_MS_CONSENT_RETURN_HOSTS: "https://app.example.com,*.x.com",
      AUTHIO_MS_CLOUD: "mars",
      AUTHIO_TRUSTED_PROXIES: "10.0.0.0/99",
      AUTHIO_OPERATOR_TOKENS: "tess:short",
    });
    for (const name of [
      "AUTHIO_IMPORT_CREDS_KEY",
      "AUTHIO_SSO_ORIGIN",
      "PORT",
      "AUTHIO_MS_CONSENT_RETURN_HOSTS",
      "AUTHIO_MS_CLOUD",
      "AUTHIO_TRUSTED_PROXIES",
      "AUTHIO_OPERATOR_TOKENS",
    ])
      expect(
        problems.some((problem) => problem.startsWith(name)),
        name,
      ).toBe(true);
    expect(problems.join()).not.toMatch(/short-secret|mars|tess/);
  });

  it("takes origins and hosts in any spelling of the same place", () => {
    expect(
      loadApiConfig({
        ...good,
        AUTHIO_SSO_ORIGIN: "https://SSO.Example.com.:443/",
        AUTHIO_MANAGEMENT_ORIGIN: "HTTPS://api.example.com:443",
        AUTHIO_DASHBOARD_URL: "https://APP.example.com.:443/home?q=a%20b+c&flag",
        AUTHIO_DASHBOARD_ORIGINS: "https://APP.example.com/, https://other.example.com.:8443",
        AUTHIO_MS_CONSENT_RETURN_HOSTS: "APP.example.com, other.example.com., third.example.com:443",
        AUTHIO_MS_CONFIRM_HOSTS: "App.Example.Com.:443",
      }),
    ).toMatchObject({
      ssoOrigin: "https://sso.example.com",
      managementOrigin: "https://api.example.com",
      dashboardUrl: "https://app.example.com/home?q=a%20b+c&flag",
      dashboardOrigins: ["https://app.example.com", "https://other.example.com:8443"],
      returnHosts: { hosts: ["app.example.com", "other.example.com", "third.example.com"] },
      confirmHosts: ["app.example.com"],
    });
    expect(loadWorkerConfig({ ...good, AUTHIO_SSO_ORIGIN: "https://SSO.example.com.:443/" })).toMatchObject({
      provisioning: { ssoOrigin: "https://sso.example.com" },
    });
  });

  it.each([
    ["AUTHIO_SSO_ORIGIN", "https://sso.example.com/path"],
    ["AUTHIO_SSO_ORIGIN", "https://sso.example.com?"],
    ["AUTHIO_SSO_ORIGIN", "https://user@sso.example.com"],
    ["AUTHIO_SSO_ORIGIN", "https://:pw@sso.example.com"],
    ["AUTHIO_DASHBOARD_ORIGINS", "https://app.example.com/#"],
    ["AUTHIO_DASHBOARD_ORIGINS", "null"],
    ["AUTHIO_DASHBOARD_URL", "https://app.example.com/#"],
    ["AUTHIO_DASHBOARD_URL", "https://app.example.com/?e%72ror=x"],
    ["AUTHIO_MS_CONSENT_RETURN_HOSTS", "app.example.com:8443"],
    ["AUTHIO_MS_CONFIRM_HOSTS", "app.example.com.."],
  ])("refuses %s = %s", (name, value) => {
    expect(problemsOf({ ...good, [name]: value })).toEqual([expect.stringContaining(name)]);
  });

  it("names what is wrong with the servers' addresses, before anything listens", () => {
    const of = (variables: Record<string, string>): string =>
      problemsOf({ ...good, ...variables }).join("; ");
    expect(of({ DATABASE_URL: "postgres://u:hunter2@db/x?frobnicate=1" })).toMatch(
      /^DATABASE_URL .*frobnicate/,
    );
    expect(of({ DATABASE_URL: "postgres://u:hunter2@db/x?sslmode=verify-full&sslrootcert=/none" })).toMatch(
      /^DATABASE_URL .*sslrootcert that cannot be read/,
    );
    expect(of({ DATABASE_URL: "db/x", TEMPORAL_ADDRESS: "postgres://temporal" })).toMatch(
      /^DATABASE_URL .*; TEMPORAL_ADDRESS /,
    );
    expect(of({ DATABASE_URL: "jdbc:postgresql://db/x?password=hunter2" })).not.toContain("hunter2");
    expect(
      of({ DATABASE_URL: "postgres://u:p#ss@[::1]/x?sslmode=require", TEMPORAL_ADDRESS: "temporal/" }),
    ).toBe("");
  });

  it("refuses half a pair, takes none as not configured", () => {
    const { AUTHIO_MS_PROVISION_CLIENT_SECRET: _secret, ...half } = good;
    expect(problemsOf(half)).toEqual([expect.stringContaining("AUTHIO_MS_PROVISION_CLIENT_SECRET")]);
    const { AUTHIO_MS_PROVISION_CLIENT_ID: _id, ...none } = half;
    expect(loadApiConfig(none).provisioning).toEqual({ kind: "not_configured" });
    expect(loadWorkerConfig(none).provisioning).toEqual({ kind: "not_configured" });
    expect(loadApiConfig({ ...half, AUTHIO_ROLE: "management" }).provisioning).toMatchObject({
      kind: "configured",
    });
  });

  it("reads the master key without the app, and needs it with the app", () => {
    const {
      AUTHIO_MS_PROVISION_CLIENT_SECRET: _secret,
      AUTHIO_MS_PROVISION_CLIENT_ID: _id,
      ...keyOnly
    } = good;
    expect(loadApiConfig(keyOnly).keyring?.activeId).toBe("default");
    expect(problemsOf({ ...keyOnly, AUTHIO_IMPORT_CREDS_KEY: "short" })).toHaveLength(1);
    const { AUTHIO_IMPORT_CREDS_KEY: _key, ...nothing } = keyOnly;
    expect(loadApiConfig(nothing).keyring).toBeUndefined();
    const { AUTHIO_IMPORT_CREDS_KEY: _key2, ...appOnly } = good;
    for (const role of ["all", "sso"])
      expect(problemsOf({ ...appOnly, AUTHIO_ROLE: role })).toEqual([
        expect.stringContaining("AUTHIO_IMPORT_CREDS_KEY"),
      ]);
    expect(problemsOf({ ...appOnly, AUTHIO_ROLE: "management" })).toEqual([]);
    expect(() => loadWorkerConfig(appOnly)).toThrow("AUTHIO_IMPORT_CREDS_KEY");
    // Half the pair and no key are two problems, told at once.
    expect(
      problemsOf({ ...nothing, AUTHIO_MS_PROVISION_CLIENT_ID: good.AUTHIO_MS_PROVISION_CLIENT_ID }),
    ).toHaveLength(2);
  });

  it("admits plain http on loopback only when told so", () => {
    const local = {
      ...good,
      AUTHIO_SSO_ORIGIN: "http://127.0.0.1:3000",
      AUTHIO_MS_CONSENT_RETURN_HOSTS: "localhost",
    };
    expect(problemsOf(local)).toHaveLength(2);
    expect(problemsOf({ ...local, AUTHIO_ALLOW_INSECURE_LOOPBACK: "1" })).toEqual([]);
    expect(
      problemsOf({
        ...good,
        AUTHIO_SSO_ORIGIN: "http://sso.example.com",
        AUTHIO_ALLOW_INSECURE_LOOPBACK: "1",
      }),
    ).toHaveLength(1);
  });

  it("reads secrets from files", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "authio-config-"));
    writeFileSync(path.join(folder, "secret"), "from-file\n");
    const { AUTHIO_MS_PROVISION_CLIENT_SECRET: _secret, ...rest } = good;
    const config = loadWorkerConfig({
      ...rest,
      AUTHIO_MS_PROVISION_CLIENT_SECRET_FILE: path.join(folder, "secret"),
    });
    expect(config.provisioning.kind === "configured" && config.provisioning.app.clientSecret.reveal()).toBe(
      "from-file",
    );
    expect(
      problemsOf({ ...rest, AUTHIO_MS_PROVISION_CLIENT_SECRET_FILE: path.join(folder, "missing") })[0],
    ).toContain("cannot be read");
    expect(
      problemsOf({ ...good, AUTHIO_MS_PROVISION_CLIENT_SECRET_FILE: path.join(folder, "secret") })[0],
    ).toContain("keep one");
    rmSync(folder, { recursive: true });
  });
});
