import { describe, expect, it } from "vitest";
import { html } from "hono/html";
import { type OrganizationView, organizationPage } from "../../../src/dashboard/organization-page.ts";
import { signedInPage } from "../../../src/dashboard/signed-in-page.ts";

const connection = {
  id: "sso_1",
  entra_tenant_id: "c0ffee00-1111-4222-8333-444455556666",
  oidc_client_id: "16fc0e8f-b9fd-40dc-aa34-a9ab25e16102",
  secret_expires_at: "2028-11-24T00:00:00.000Z",
  secret_renewal: { due_at: "2028-09-25T00:00:00.000Z" },
  sign_in_url: "https://sso.example.com/v1/sso/connections/sso_1/initiate",
  admin_consent_url: "https://sso.example.com/v1/sso/connections/sso_1/admin-consent",
};
const organization = async (view: Partial<OrganizationView>): Promise<string> =>
  String(
    await organizationPage({
      organization: "Søren & Co",
      person: html``,
      canStart: true,
      connections: [connection],
      outcome: { kind: "none" },
      connectAction: "/connect",
      open: [],
      cancelAction: "/cancel",
      ...view,
    }),
  );

describe("consent for all users", () => {
  it("is offered to whoever manages the connection", async () => {
    expect(await organization({})).toContain("Consent for all users");
    expect(await organization({ canStart: false, reason: "service_unavailable" })).toContain(
      "Consent for all users",
    );
  });

  it("is not offered to a member, who can do nothing about it", async () => {
    const page = await organization({ canStart: false, reason: "insufficient_role" });
    expect(page).not.toMatch(/consent/i);
    expect(page).not.toContain(connection.admin_consent_url);
  });

  it("is not offered after a sign-in, which anybody may do", async () => {
    const page = String(
      await signedInPage({
        identity: { name: "Gina Guest", tid: "t", oid: "o", email_verified: false, groups: null },
        signInUrl: connection.sign_in_url,
        dashboardUrl: "https://app.example.com/sso",
      }),
    );
    expect(page).not.toMatch(/consent/i);
    expect(page).toContain('href="https://app.example.com/sso"');
    expect(page).not.toMatch(/\((?:tid|oid)\)/);
  });
});

describe("the organization page", () => {
  it("calls the application what it will be called", async () => {
    const page = await organization({ connections: [] });
    expect(page).toContain("“Authio SSO – Søren &amp; Co”");
    expect(page).not.toMatch(/your organization”|sealed/);
  });

  it("gives each card a title of its own", async () => {
    const titles = [...(await organization({})).matchAll(/<h3>([^<]*)<\/h3>/g)].map(([, title]) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});
