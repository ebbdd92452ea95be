import { describe, expect, it } from "vitest";
import type { OrganizationView } from "../../../src/dashboard/organization-page.ts";
import { signedInPage } from "../../../src/dashboard/signed-in-page.ts";
import { connectionOf, organizationPageOf } from "../../support/organization-page.ts";

const adminConsentUrl = "https://sso.example.com/v1/sso/connections/sso_1/admin-consent";
const connection = connectionOf(1, { admin_consent_url: adminConsentUrl });
const organization = (view: Partial<OrganizationView>): Promise<string> =>
  organizationPageOf({ organization: "Søren & Co", connections: [connection], ...view });

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
    expect(page).not.toContain(adminConsentUrl);
  });

  it("is not offered after a sign-in, which anybody may do", async () => {
    const page = String(
      await signedInPage({
        identity: {
          name: "Gina Guest",
          tid: "t",
          oid: "o",
          user_type: "guest",
          email_verified: false,
          groups: null,
          groups_overage: true,
        },
        authentication: {},
        issuer: "https://login.example/t/v2.0",
        access: "everyone",
        someAdmitGuests: false,
        othersGetIn: true,
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

  it("offers the sample application once for each connection, also when it was just made", async () => {
    const offers = async (outcome: OrganizationView["outcome"]) => {
      const page = await organization({ outcome, sampleUrl: "https://notes.example.com/" });
      // The test sign-in stays the lesser of the two.
      expect(page).not.toMatch(/class="button" href="[^"]*initiate"/);
      return page.split("sign in to the sample application").length - 1;
    };
    expect(await offers({ kind: "none" })).toBe(1);
    expect(await offers({ kind: "connected", connectionId: connection.id })).toBe(1);
    expect(await offers({ kind: "connected", connectionId: "sso_another" })).toBe(2);
  });

  it("gives each card a title of its own", async () => {
    const titles = [...(await organization({})).matchAll(/<h3>([^<]*)<\/h3>/g)].map(([, title]) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});
