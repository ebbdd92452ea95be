import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AppClientId, ConnectionId, EntraTenantId, OrgId, ProjectId } from "../../../src/domain/ids.ts";
import { readSignedIn } from "../../../src/signin/identity.ts";
import { subjectOf } from "../../../src/signin/subject.ts";

const connection = {
  id: "sso_1" as ConnectionId,
  projectId: "proj_1" as ProjectId,
  orgId: "org_1" as OrgId,
  entraTenantId: "11111111-2222-3333-4444-555555555555" as EntraTenantId,
  appId: "client" as AppClientId,
};
const good = { tid: connection.entraTenantId, oid: "object", sub: "pairwise", ver: "2.0" };
const sub = subjectOf({ orgId: connection.orgId, tid: connection.entraTenantId, oid: "object" });
const user = (claims: Record<string, unknown>) => readSignedIn(connection, { ...good, ...claims }).identity;

describe("what is optional or for display refuses nobody", () => {
  const odd = [null, 5, true, "", [], {}, "\u0000", ["x"], { groups: 1 }, "x".repeat(5000), "1", 1e300];
  it.each([
    "email",
    "name",
    "preferred_username",
    "xms_edov",
    "groups",
    "hasgroups",
    "_claim_names",
    "_claim_sources",
    "wids",
    "acct",
    "roles",
    "login_hint",
  ])("%s", (claim) => {
    for (const value of odd) {
      const signedIn = user({ [claim]: value });
      expect(signedIn).toMatchObject({ oid: "object", sub });
      expect(JSON.stringify(signedIn).length).toBeLessThan(6000);
    }
  });

  it.each([
    [{ email: null }, { email_verified: false }],
    [
      { email: "a@b.example", xms_edov: "1" },
      { email: "a@b.example", email_verified: true },
    ],
    [{ email: "a@b.example", xms_edov: "True" }, { email_verified: true }],
    [{ email: "a@b.example", xms_edov: 1 }, { email_verified: true }],
    [{ email: "a@b.example", xms_edov: "0" }, { email_verified: false }],
    [{ email: "a@b.example", xms_edov: {} }, { email_verified: false }],
    [{ xms_edov: true }, { email_verified: false }],
    [{ name: 5, preferred_username: "ada@b.example" }, { name: "ada@b.example" }],
    [{ acct: 1 }, { user_type: "guest" }],
    [{ acct: "0" }, { user_type: "member" }],
    [{ acct: "x" }, { user_type: "unknown" }],
    [{ name: "A\u0000d\u202ea" }, { name: "Ada" }],
    [{}, { groups: [], groups_overage: false }],
    [{ groups: null }, { groups: [], groups_overage: false }],
    [{ groups: "g1" }, { groups: ["g1"], groups_overage: false }],
    [{ groups: ["g1", 7, null] }, { groups: ["g1"], groups_overage: false }],
    [{ groups: { g1: true } }, { groups: null, groups_overage: false }],
    [{ hasgroups: "true" }, { groups: null, groups_overage: true }],
    [
      { hasgroups: true, groups: ["g1"] },
      { groups: null, groups_overage: true },
    ],
    [
      { hasgroups: "false", groups: ["g1"] },
      { groups: ["g1"], groups_overage: false },
    ],
    [{ _claim_names: { groups: "src1" } }, { groups: null, groups_overage: true }],
    [{ _claim_names: { groups: 7 } }, { groups: null, groups_overage: true }],
    [{ _claim_names: '{"groups":"src1"}' }, { groups: null, groups_overage: true }],
    [{ _claim_names: "src1" }, { groups: [], groups_overage: false }],
  ])("%j gives %j", (claims, expected) => {
    expect(user(claims)).toMatchObject(expected);
  });
});

describe("who it is and for whom stays strict", () => {
  it.each([
    [{ ver: "1.0" }],
    [{ ver: 2 }],
    [{ ver: undefined }],
    [{ tid: "99999999-2222-3333-4444-555555555555" }],
    [{ tid: [connection.entraTenantId] }],
    [{ oid: undefined }],
    [{ oid: "" }],
    [{ oid: 7 }],
    [{ sub: null }],
    [{ azp: "another" }],
    [{ azp: null }],
    [{ azp: ["client"] }],
  ])("%j", (claims) => {
    expect(() => user(claims)).toThrow(expect.objectContaining({ code: "signin_token_invalid" }));
  });
  it("our own client as party is fine", () => expect(user({ azp: "client" }).oid).toBe("object"));
});

describe("whatever claims come", () => {
  const names = ["tid", "oid", "sub", "ver", "azp", "acct", "email", "name", "preferred_username"];
  const more = ["xms_edov", "groups", "hasgroups", "_claim_names", "auth_time", "amr"];
  const odd = fc.jsonValue({ maxDepth: 2 });

  it("the person is who the strict claims name, or is refused as an invalid token", () => {
    const claims = fc.dictionary(fc.constantFrom(...names, ...more), odd);
    fc.assert(
      fc.property(claims, fc.boolean(), (given, isComplete) => {
        const all = isComplete ? { ...given, ...good } : { ...good, ...given };
        const isStrict =
          all.tid === good.tid &&
          typeof all.oid === "string" &&
          all.oid !== "" &&
          typeof all.sub === "string" &&
          all.sub !== "" &&
          all.ver === "2.0" &&
          (!Object.hasOwn(all, "azp") || (all as { azp?: unknown }).azp === connection.appId);
        if (isStrict) {
          const { identity } = readSignedIn(connection, all);
          expect(identity).toMatchObject({ tid: good.tid, oid: all.oid, organization_id: "org_1" });
          expect(["member", "guest", "unknown"]).toContain(identity.user_type);
          expect(identity.email_verified && identity.email === undefined).toBe(false);
        } else
          expect(() => readSignedIn(connection, all)).toThrow(
            expect.objectContaining({ code: "signin_token_invalid" }),
          );
      }),
      { numRuns: 1000 },
    );
  });

  it("when and how are passed on in one shape, or left out", () => {
    fc.assert(
      fc.property(odd, odd, (time, amr) => {
        const { authentication } = readSignedIn(connection, { ...good, auth_time: time, amr });
        const { auth_time: seconds, amr: methods } = authentication;
        if (seconds !== undefined) expect(Number.isSafeInteger(seconds) && seconds > 0).toBe(true);
        if (methods !== undefined) expect(methods.every((one) => /^[\w-]{1,32}$/.test(one))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
  it.each([
    [
      { auth_time: 1_790_000_000, amr: ["pwd", "mfa"] },
      { auth_time: 1_790_000_000, amr: ["pwd", "mfa"] },
    ],
    [
      { auth_time: "1790000000", amr: "pwd" },
      { auth_time: 1_790_000_000, amr: ["pwd"] },
    ],
    [{ auth_time: -1, amr: [7, "a b", null] }, {}],
    [{ auth_time: 1.5, amr: [] }, {}],
    [{}, {}],
  ])("%j: %j", (claims, expected) =>
    expect(readSignedIn(connection, { ...good, ...claims }).authentication).toEqual(expected),
  );
});
