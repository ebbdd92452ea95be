import { describe, expect, it } from "vitest";
import type { HandOverView, SetupLinkRow } from "../../../src/dashboard/hand-over.ts";
import { setupAnswerPage, setupLinkPage } from "../../../src/dashboard/setup-pages.ts";
import { connectionOf, organizationPageOf } from "../../support/organization-page.ts";

const link = (given: Partial<SetupLinkRow> = {}): SetupLinkRow => ({
  id: "msl_1",
  status: "open",
  created_by: "Olivia",
  expires_at: "2026-12-05T10:30:00.000Z",
  it_contact_emails: ["it@contoso.example"],
  ...given,
});
const proof = {
  proof_id: "mspr_1",
  entra_tenant_id: "c0ffee00-1111-4222-8333-444455556666",
  approved_by: 'ada"><script>@contoso.example',
  approved_at: "2026-11-28T10:30:00.000Z",
};
const page = (handOver: Partial<HandOverView>, canStart = true): Promise<string> =>
  organizationPageOf({ canStart, handOver: { action: "/hand-over", links: [], ...handOver } });

describe("the hand-over on the dashboard", () => {
  it("is offered to who may connect, where it is on", async () => {
    expect(await page({})).toContain("I am not that administrator");
    expect(await page({}, false)).not.toContain("I am not that administrator");
    expect(await organizationPageOf()).not.toContain("I am not that administrator");
  });

  it("asks what for, where there is a connection to connect again", async () => {
    expect(await page({})).not.toContain('<select id="hand-over-which"');
    const handOver = { action: "/hand-over", links: [] };
    const connections = [connectionOf(1), connectionOf(2, { status: "suspended" })];
    const shown = await organizationPageOf({ handOver, connections });
    expect(shown).toContain('<option value="sso_1">');
    expect(shown).toContain('<option value="additional">');
    expect(shown).not.toContain('<option value="sso_2">');
  });

  it("shows the directory that is to be confirmed, with the warning, and sends exactly that", async () => {
    const shown = await page({
      links: [link({ status: "approved", proof: { ...proof, entra_domain: "contoso.example" } })],
    });
    for (const text of [
      "contoso.example",
      proof.entra_tenant_id,
      "2026-11-28 10:30 UTC",
      "Whoever runs this directory can sign in as anyone of your organization",
      'name="proof_id" value="mspr_1"',
      `name="entra_tenant_id" value="${proof.entra_tenant_id}"`,
    ])
      expect(shown).toContain(text);
    expect(shown).not.toContain("<script>@");
    expect(shown).not.toMatch(/name="domain"\s+required/);
  });

  it("says that no domain is known, and asks to type where another directory was expected", async () => {
    const shown = await page({
      links: [
        link({
          status: "approved",
          domain: "fabrikam.example",
          proof: { ...proof, must_type: proof.entra_tenant_id },
        }),
      ],
    });
    expect(shown).toContain("none that Microsoft’s discovery confirms");
    expect(shown).toMatch(/fabrikam\.example, which does not lead to this directory/);
    expect(shown).toMatch(/name="domain"\s+required/);
  });

  it("lets revoke what is not over, and nothing else", async () => {
    const revocable = async (status: SetupLinkRow["status"]): Promise<boolean> =>
      (await page({ links: [link({ status })] })).includes('value="revoke"');
    for (const status of ["open", "in_progress", "proved", "approved"] as const)
      expect(await revocable(status), status).toBe(true);
    for (const status of ["confirmed", "revoked", "expired"] as const)
      expect(await revocable(status), status).toBe(false);
  });
});

describe("the administrator's pages", () => {
  const asker = {
    organization: "Søren & <b>Co</b>",
    requester: "Olivia (olivia@example.com)",
    ssoHost: "sso.example.com",
    dashboardHost: "app.example.com",
  };

  it("name who asks, and are for no search engine", async () => {
    const pages = [
      await setupLinkPage({ ...asker, action: "/setup", token: "t", backUrl: undefined }),
      await setupAnswerPage({
        ...asker,
        action: "/setup/1",
        isApproved: false,
        account: undefined,
        tenantId: proof.entra_tenant_id,
        onUrl: undefined,
      }),
    ].map(String);
    for (const text of pages) {
      for (const part of [
        "Søren &amp; &lt;b&gt;Co",
        "Olivia (olivia@example.com)",
        "sso.example.com",
        "app.example.com",
      ])
        expect(text).toContain(part);
      expect(text).toContain('content="noindex, nofollow"');
      expect(text).not.toContain("<b>Co");
    }
  });

  it("offer the second thought alone once approved", async () => {
    const view = {
      ...asker,
      action: "/setup/1",
      account: "ada@contoso.example",
      tenantId: "t",
      onUrl: "https://a.example/x",
    };
    const approved = String(await setupAnswerPage({ ...view, isApproved: true }));
    expect(approved).toContain('value="refuse"');
    expect(approved).not.toContain('value="approve"');
    expect(approved).toContain("https://a.example/x");
    expect(String(await setupAnswerPage({ ...view, isApproved: false }))).toContain('value="approve"');
  });
});
