import { describe, expect, it } from "vitest";
import { connectionOf as connection, organizationPageOf as pageOf } from "../../support/organization-page.ts";

const formsOf = (page: string) =>
  [...page.matchAll(/<form[^>]*action="\/connect"[^]*?<\/form>/g)].map(([form]) => ({
    field: /name="(\w+)" value="(\w+)"/.exec(form)?.slice(1) ?? [],
    text: /<button[^>]*>\s*([^<]*?)\s*<\/button>/.exec(form)?.[1],
    disabled: /<button[^>]*\bdisabled\b/.test(form),
  }));

describe("the buttons that start an attempt", () => {
  it("is one where nothing is connected", async () => {
    expect(formsOf(await pageOf({}))).toEqual([{ field: [], text: "Connect Microsoft", disabled: false }]);
  });

  it("are one for each connection, which names it, and one for another directory", async () => {
    expect(formsOf(await pageOf({ connections: [connection(1), connection(2)] }))).toEqual([
      { field: ["connection", "sso_1"], text: "Connect again", disabled: false },
      { field: ["connection", "sso_2"], text: "Connect again", disabled: false },
      { field: ["additional", "true"], text: "Add another directory", disabled: false },
    ]);
  });

  it("are disabled together, with the reason", async () => {
    const page = await pageOf({
      connections: [connection(1)],
      canStart: false,
      reason: "insufficient_role",
    });
    expect(formsOf(page).map(({ disabled }) => disabled)).toEqual([true, true]);
    expect(page.match(/aria-describedby="reason"/g)).toHaveLength(2);
  });

  it("stand in cards whose titles differ, however many directories there are", async () => {
    const page = await pageOf({ connections: [connection(1), connection(2)] });
    const titles = [...page.matchAll(/<h3>([^<]*)<\/h3>/g)].map(([, title]) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

describe("an attempt that failed", () => {
  const failure = { code: "consent_declined", reference: "mspr_1", at: new Date() } as const;
  it("reads as no connection only where there is none", async () => {
    expect(await pageOf({ outcome: { kind: "failed", failure } })).toContain("Microsoft was not connected");
    const beside = await pageOf({
      connections: [connection(1)],
      outcome: {
        kind: "failed",
        failure: { ...failure, detail: "Nothing was changed. Your existing connection was kept." },
      },
    });
    expect(beside).not.toContain("was not connected");
    expect(beside).toContain("Your existing connection was kept.");
  });
});
