import { describe, expect, it } from "vitest";
import { signInVerdicts, type TestedSignIn } from "../../../src/dashboard/sign-in-verdicts.ts";

const fine: TestedSignIn = {
  identity: {
    user_type: "member",
    email: "ada@contoso.example",
    email_verified: true,
    groups: ["g1", "g2"],
    groups_overage: false,
  },
  issuer: "https://login.example/t/v2.0",
  access: "everyone",
  someAdmitGuests: false,
  othersGetIn: true,
};
const verdictsOf = (
  given: Partial<Omit<TestedSignIn, "identity">>,
  identity: Partial<TestedSignIn["identity"]> = {},
) =>
  Object.fromEntries(
    signInVerdicts({ ...fine, ...given, identity: { ...fine.identity, ...identity } }).map((one) => [
      one.name,
      one,
    ]),
  );

describe("the verdicts of a test sign-in", () => {
  it("are all passed, in this order, where nothing is odd", () => {
    const verdicts = signInVerdicts(fine);
    expect(verdicts.map(({ name }) => name)).toEqual([
      "Issuer",
      "Nonce",
      "Email",
      "Groups",
      "Member or guest",
      "Assignment",
      "Other users",
    ]);
    expect(new Set(verdicts.map(({ outcome }) => outcome))).toEqual(new Set(["pass"]));
    expect(verdicts[0]?.sentence).toContain(fine.issuer);
    expect(verdicts[3]?.sentence).toContain("2 of this person’s groups");
  });

  it("warn of an address that is not verified, and of none", () => {
    expect(verdictsOf({}, { email_verified: false })["Email"]).toMatchObject({
      outcome: "warn",
      sentence: expect.stringContaining("does not call it verified") as string,
    });
    const { email: _, ...identity } = fine.identity;
    const none = signInVerdicts({ ...fine, identity: { ...identity, email_verified: false } });
    expect(none[2]).toMatchObject({
      outcome: "warn",
      sentence: expect.stringContaining("sent no address") as string,
    });
  });

  it("never take unknown groups for none", () => {
    const of = (groups: string[] | null, isOverage: boolean) =>
      verdictsOf({}, { groups, groups_overage: isOverage })["Groups"];
    expect(of([], false)?.outcome).toBe("pass");
    expect(of(null, true)?.outcome).toBe("warn");
    expect(of(null, false)?.outcome).toBe("warn");
    expect(of(null, true)?.sentence).not.toBe(of(null, false)?.sentence);
  });

  it.each([
    ["everyone", "guest", false, "fail"],
    ["everyone", "guest", true, "warn"],
    ["everyone", "unknown", false, "fail"],
    ["everyone", "unknown", true, "warn"],
    ["assigned", "guest", false, "pass"],
    ["assigned", "unknown", false, "warn"],
    ["assigned", "member", false, "pass"],
  ] as const)("%s, %s, guests admitted: %s: %s", (access, type, someAdmitGuests, outcome) => {
    const verdicts = verdictsOf({ access, someAdmitGuests }, { user_type: type });
    expect(verdicts["Member or guest"]?.outcome).toBe(outcome);
  });

  it("say of others what is known, and nothing where it is not", () => {
    expect(verdictsOf({ othersGetIn: false })["Other users"]?.outcome).toBe("warn");
    expect(verdictsOf({ othersGetIn: undefined })["Other users"]).toBeUndefined();
  });

  it("say that assignment is asked for where it is", () => {
    expect(verdictsOf({ access: "assigned" })["Assignment"]?.sentence).toContain("Only assigned users");
    expect(verdictsOf({})["Assignment"]?.sentence).toContain("Everyone in the directory");
  });
});
