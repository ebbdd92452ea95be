import { describe, expect, it } from "vitest";
import { attentionCodes, factsOfAttention } from "../../../src/domain/attention.ts";
import type { SsoConnection } from "../../../src/domain/sso-connection.ts";
import {
  inspectedApplicationSchema,
  inspectedPrincipalSchema,
} from "../../../src/entra/inspection.schema.ts";
import { type ApplicationSnapshot, judgeDrift } from "../../../src/entra/judge-drift.ts";

const now = new Date("2026-11-28T12:00:00Z");
const id = "11111111-1111-4111-8111-111111111111";
const ours = "2222222a-2222-4222-8222-222222222222";
const expected = {
  redirectUri: "https://sso.example.com/v1/sso/connections/sso_1/callback",
  secretKeyId: ours as SsoConnection["secretKeyId"],
  access: "everyone",
} as const;
const secret = { keyId: ours, endDateTime: "2028-11-28T00:00:00.0000000Z" };
const foreign = { keyId: "33333333-3333-4333-8333-333333333333", endDateTime: "2027-01-01T00:00:00Z" };
const wellApplication = {
  id,
  appId: id,
  web: { redirectUris: [expected.redirectUri] },
  spa: { redirectUris: [] },
  publicClient: null,
  optionalClaims: {
    idToken: ["acct", "groups", "email", "xms_edov", "auth_time", "upn"].map((name) => ({ name })),
  },
  groupMembershipClaims: "SecurityGroup",
  passwordCredentials: [secret],
  keyCredentials: [],
};
const wellPrincipal = { id, appId: id, accountEnabled: true, appRoleAssignmentRequired: false };

function snapshot(application: object = {}, principal: object = {}, more: Partial<ApplicationSnapshot> = {}) {
  return {
    application: inspectedApplicationSchema.parse({ ...wellApplication, ...application }),
    principal: inspectedPrincipalSchema.parse({ ...wellPrincipal, ...principal }),
    federated: [],
    isConsentedForAll: undefined,
    ...more,
  };
}

describe("judging an application", () => {
  it.each<[string, ApplicationSnapshot, readonly string[]]>([
    ["as it was left", snapshot(), []],
    [
      "with its key's id in upper case",
      snapshot({ passwordCredentials: [{ ...secret, keyId: "2222222A-2222-4222-8222-222222222222" }] }),
      [],
    ],
    ["consented for all", snapshot({}, {}, { isConsentedForAll: true }), []],
    ["gone", snapshot({}, {}, { application: undefined }), ["application_missing"]],
    [
      "without its service principal",
      snapshot({}, {}, { principal: undefined }),
      ["service_principal_missing"],
    ],
    [
      "whose enterprise application is switched off",
      snapshot({}, { accountEnabled: false }),
      ["application_disabled"],
    ],
    ["that is deactivated", snapshot({ isDisabled: true }), ["application_disabled"]],
    [
      "that Microsoft disabled",
      snapshot({ disabledByMicrosoftStatus: "DisabledDueToViolationOfServicesAgreement" }),
      ["application_disabled"],
    ],
    ["that Microsoft did not disable", snapshot({ disabledByMicrosoftStatus: "NotDisabled" }), []],
    ["without a redirect URI", snapshot({ web: { redirectUris: [] } }), ["redirect_uri_changed"]],
    [
      "with one more redirect URI",
      snapshot({ web: { redirectUris: [expected.redirectUri, "https://elsewhere.example"] } }),
      ["redirect_uri_changed"],
    ],
    [
      "with one on another platform",
      snapshot({ publicClient: { redirectUris: ["http://localhost"] } }),
      ["redirect_uri_changed"],
    ],
    ["without optional claims", snapshot({ optionalClaims: null }), ["claims_changed"]],
    [
      "without one of them",
      snapshot({ optionalClaims: { idToken: [{ name: "groups" }] } }),
      ["claims_changed"],
    ],
    ["without groups", snapshot({ groupMembershipClaims: null }), ["claims_changed"]],
    ["with directory roles alone", snapshot({ groupMembershipClaims: "DirectoryRole" }), ["claims_changed"]],
    [
      "with assigned groups alone",
      snapshot({ groupMembershipClaims: "DirectoryRole, ApplicationGroup" }),
      [],
    ],
    ["without our secret", snapshot({ passwordCredentials: [] }), ["credential_missing"]],
    ["with another secret", snapshot({ passwordCredentials: [secret, foreign] }), ["credential_foreign"]],
    [
      "with another provider's identity",
      snapshot({}, {}, { federated: ["by-hand"] }),
      ["credential_foreign"],
    ],
    ["with a certificate", snapshot({ keyCredentials: [foreign] }), ["credential_foreign"]],
    [
      "with one that is over",
      snapshot({ keyCredentials: [{ ...foreign, endDateTime: "2026-01-01T00:00:00Z" }] }),
      [],
    ],
    [
      "whose service principal has a secret",
      snapshot({}, { passwordCredentials: [foreign] }),
      ["credential_foreign"],
    ],
    [
      "that asks for an assignment",
      snapshot({}, { appRoleAssignmentRequired: true }),
      ["assignment_changed"],
    ],
    ["that does not say", snapshot({}, { appRoleAssignmentRequired: null }), []],
    ["not consented for all", snapshot({}, {}, { isConsentedForAll: false }), ["users_consent_missing"]],
    [
      "with all at once, in the table's order",
      snapshot(
        { web: { redirectUris: [] }, optionalClaims: null, passwordCredentials: [foreign] },
        { accountEnabled: false, appRoleAssignmentRequired: true },
        { isConsentedForAll: false },
      ),
      attentionCodes.slice(2).filter((code) => code !== "access_released"),
    ],
  ])("%s", (_name, given, codes) => {
    expect(judgeDrift(given, expected, now)).toEqual(codes);
  });

  it("goes by the connection's choice of access", () => {
    const given = snapshot({}, { appRoleAssignmentRequired: true });
    expect(judgeDrift(given, { ...expected, access: "assigned" }, now)).toEqual([]);
    expect(judgeDrift(snapshot(), { ...expected, access: "assigned" }, now)).toEqual(["assignment_changed"]);
  });

  it.each(["web", "passwordCredentials", "optionalClaims", "groupMembershipClaims"])(
    "does not take half an answer for a change: %s is missing",
    (name) => {
      const { [name as keyof typeof wellApplication]: _left, ...rest } = wellApplication;
      expect(inspectedApplicationSchema.safeParse(rest).success).toBe(false);
    },
  );
});

it("each reason says what it means and who must act, and only people in Entra undo what was switched off or added", () => {
  const byHand = attentionCodes.filter((code) => !factsOfAttention(code).isMendedByConnecting);
  expect(byHand).toEqual(["application_disabled", "credential_foreign"]);
  expect(byHand.map((code) => factsOfAttention(code).who)).toEqual(["entra_admin", "entra_admin"]);
});
