import { describe, expect, it } from "vitest";
import type { AttentionCode } from "../../../src/domain/attention.ts";
import { connectionOf, organizationPageOf } from "../../support/organization-page.ts";

/** What a reader sees of the page, in one line. */
const wordsOf = (page: string): string =>
  page
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();

describe("a connection's card", () => {
  it("says in words what the connection is", async () => {
    const page = await organizationPageOf({
      connections: [
        connectionOf(1, {
          display_name: "Head <office>",
          entra_domain: "contoso.example",
          access: "assigned",
          last_sign_in_at: "2026-11-28T09:41:30.000Z",
        }),
      ],
    });
    const words = wordsOf(page);
    expect(page).toContain(">Head &lt;office&gt;, contoso.example</h3>");
    for (const fact of [
      "State Active: people can sign in",
      "Directory contoso.example (verified)",
      "Connected by user_olivia on 2026-11-25",
      "Who may sign in Assigned users only",
      "Client secret Renewed by us from 2028-09-25 on; this one ends 2028-11-24",
      "Last sign-in 2026-11-28 09:41 UTC",
    ])
      expect(words).toContain(fact);
  });

  it("calls nothing verified that is not known, and nobody signed in who did not", async () => {
    const words = wordsOf(await organizationPageOf({ connections: [connectionOf(1)] }));
    expect(words).toContain("Directory c0ffee01-1111-4222-8333-444455556666 Connected");
    expect(words).not.toContain("(verified)");
    expect(words).toContain("Last sign-in Nobody has signed in yet");
    expect(words).toContain("Who may sign in Everyone in the directory");
  });

  it("waits for its directory's name while it is new, and no longer", async () => {
    const waits = async (given: Parameters<typeof connectionOf>[1]) =>
      (await organizationPageOf({ connections: [connectionOf(1, given)] })).includes("/named.js");
    const isNew = { configured_at: new Date().toISOString() };
    expect(await waits(isNew)).toBe(true);
    expect(await waits({})).toBe(false);
    expect(await waits({ ...isNew, entra_domain: "contoso.example" })).toBe(false);
    expect(await waits({ ...isNew, status: "disconnected" })).toBe(false);
  });

  it("offers owners nothing that an operator switched off", async () => {
    const until = { restorable_until: "2999-01-01T00:00:00.000Z" };
    for (const [side, isOffered] of [
      ["owner", true],
      ["operator", false],
    ] as const) {
      const [suspended, disconnected] = await Promise.all([
        organizationPageOf({
          connections: [connectionOf(1, { status: "suspended", switched_off_by: [side] })],
        }),
        organizationPageOf({
          connections: [connectionOf(1, { status: "disconnected", switched_off_by: [side], ...until })],
        }),
      ]);
      expect(wordsOf(suspended).includes("Resume sign-in")).toBe(isOffered);
      expect(wordsOf(suspended).includes("can resume it at any time")).toBe(isOffered);
      expect(wordsOf(disconnected).includes("Restore the connection")).toBe(isOffered);
      for (const page of [suspended, disconnected])
        expect(wordsOf(page).includes("ask them")).toBe(!isOffered);
    }
  });

  it("says what sign-ins were refused for, by day", async () => {
    const words = wordsOf(
      await organizationPageOf({
        connections: [
          connectionOf(1, {
            last_sign_in_failure: { code: "signin_not_assigned", at: "2026-11-28T09:41:30.000Z" },
            sign_in_failures: [{ day: "2026-11-28", code: "signin_not_assigned", count: 3 }],
          }),
        ],
      }),
    );
    expect(words).toContain(
      "Last refused sign-in 2026-11-28 09:41 UTC: This account is not assigned to the application",
    );
    expect(words).toContain("2026-11-28: 3 × This account is not assigned");
    expect(wordsOf(await organizationPageOf({ connections: [connectionOf(1)] }))).not.toContain("refused");
  });

  it("says when the secret ends while its renewal fails", async () => {
    const due = "2028-09-25T00:00:00.000Z";
    const page = await organizationPageOf({
      connections: [
        connectionOf(1, { secret_renewal: { due_at: due, error: { code: "consent_not_effective" } } }),
      ],
    });
    expect(wordsOf(page)).toContain("Its renewal fails, and we keep trying; this one ends 2028-11-24");
    expect(page).not.toContain("Renewed by us");
  });

  it("says what needs attention, who must act, and has one button where connecting again mends it", async () => {
    const since = "2026-11-27T10:00:00.000Z";
    const reasons = (...codes: AttentionCode[]) => ({
      needs_attention: { reasons: codes.map((code) => ({ code, since })) },
    });
    const pageOf = (given: Parameters<typeof connectionOf>[1]) =>
      organizationPageOf({ connections: [connectionOf(1, given)] });
    const both = await pageOf(reasons("claims_changed", "credential_foreign"));
    expect(wordsOf(both)).toContain("claims were changed (seen since 2026-11-27).");
    expect(wordsOf(both)).toContain("Your Entra administrator: Remove it in Entra");
    expect(both.match(/Repair: connect again/g)).toHaveLength(1);
    expect(await pageOf(reasons("credential_foreign"))).not.toContain("Repair: connect again");
    const suspended = await pageOf({ ...reasons("claims_changed"), status: "suspended" });
    expect(suspended).not.toContain("Repair: connect again");
    expect(suspended).toContain("To repair it, resume sign-in first.");
    expect(await pageOf({ ...reasons("claims_changed"), status: "disconnected" })).not.toContain("attention");
    expect(await pageOf({})).not.toContain("needs attention");
  });

  it("lets owners choose who may sign in, and says why that failed", async () => {
    const page = await organizationPageOf({
      connections: [connectionOf(1, { access: "assigned", access_error: { code: "application_missing" } })],
    });
    expect(page).toMatch(/value="assigned"\s+checked/);
    expect(wordsOf(page)).toContain("AADSTS50105");
    expect(page).toContain('href="https://entra.microsoft.com/1/#view/users"');
    expect(wordsOf(page)).toContain("Who may sign in could not be changed: The application is gone");
    const members = await organizationPageOf({
      connections: [connectionOf(1)],
      canStart: false,
      reason: "insufficient_role",
    });
    expect(members).not.toContain('name="access"');
  });

  it("opens the test sign-in in a tab of its own", async () => {
    const page = await organizationPageOf({
      connections: [connectionOf(1)],
      outcome: { kind: "connected", connectionId: "sso_1" },
    });
    expect(page.match(/\/initiate" target="_blank" rel="noopener"/g)).toHaveLength(2);
  });
});

describe("suspend, resume and rename", () => {
  it("are an owner's or admin's", async () => {
    const page = await organizationPageOf({ connections: [connectionOf(1)] });
    expect(page).toMatch(/action="\/change"[^]*value="sso_1"[^]*name="status" value="suspended"/);
    expect(page).toContain('name="display_name" value="Microsoft"');
  });

  it("are not a member's", async () => {
    for (const status of ["active", "suspended"] as const) {
      const page = await organizationPageOf({
        connections: [connectionOf(1, { status })],
        canStart: false,
        reason: "insufficient_role",
      });
      expect(page).not.toContain("/change");
      expect(page).not.toMatch(/Suspend sign-in|Resume sign-in|Rename/);
    }
  });

  it("suspended: who can resume it, that Microsoft is as it was, and nothing that would be refused", async () => {
    const page = await organizationPageOf({
      connections: [connectionOf(1, { status: "suspended", admin_consent_url: "https://a.example" })],
    });
    expect(page).toContain("An owner or admin of Acme can resume it");
    expect(page).toContain("Nothing was changed at Microsoft");
    expect(page).toContain('name="status" value="active"');
    expect(page).not.toMatch(/Connect again|Test the sign-in|Consent for all users/);
    expect(page).toContain("Add another directory");
  });

  it("disconnected: nothing to change, and the directory may be connected as the first", async () => {
    const page = await organizationPageOf({ connections: [connectionOf(1, { status: "disconnected" })] });
    expect(page).toContain("Disconnected: nobody can sign in with it any more");
    expect(page).not.toMatch(/Connect again|Test the sign-in|Suspend|Rename|Renewed by us/);
    expect(page).toContain("Connect Microsoft");
  });
});

describe("disconnect and restore", () => {
  const patternOf = (page: string): RegExp =>
    // As HTML compiles it.
    new RegExp(`^(?:${/pattern="([^"]*)"/.exec(page)?.[1] ?? "none"})$`, "v");

  it.each(["Microsoft", "Head <office> & (Zürich) [2] {x} ^$.*+?|\\/- &&", "東京 🏢"])(
    "asks for the name %s, and for nothing less",
    async (name) => {
      const pattern = patternOf(
        await organizationPageOf({ connections: [connectionOf(1, { display_name: name })] }),
      );
      expect(pattern.test(name)).toBe(true);
      for (const other of ["", `${name} `, name.slice(1), name.toUpperCase() + "x"])
        expect(pattern.test(other)).toBe(false);
    },
  );

  it("says how many signed in, and when the last one did", async () => {
    const words = wordsOf(
      await organizationPageOf({
        connections: [connectionOf(1, { sign_ins_30_days: 12, last_sign_in_at: "2026-11-28T09:41:30.000Z" })],
      }),
    );
    expect(words).toContain("12 sign-ins within 30 days; last: 2026-11-28 09:41 UTC");
  });

  it("offers a restore as long as Microsoft keeps the application, and not while one is under way", async () => {
    const gone = { status: "disconnected" } as const;
    const later = new Date(Date.now() + 86_400_000).toISOString();
    const words = async (given: Parameters<typeof connectionOf>[1]) =>
      wordsOf(await organizationPageOf({ connections: [connectionOf(1, { ...gone, ...given })] }));
    expect(await words({ restorable_until: later })).toContain("Restore the connection");
    expect(await words({ restorable_until: "2026-01-01T00:00:00.000Z" })).not.toContain("Restore the");
    const underWay = await words({ restorable_until: later, operation: { id: "op_1", kind: "restore" } });
    expect(underWay).toContain("Being restored");
    expect(underWay).not.toContain("Restore the");
  });
});
