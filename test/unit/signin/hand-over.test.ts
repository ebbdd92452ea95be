import { describe, expect, it } from "vitest";
import type { Application } from "../../../src/domain/application.ts";
import { CodedError } from "../../../src/domain/coded-error.ts";
import { type ErrorCode, factsOf } from "../../../src/domain/error-codes.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import type { ProjectId } from "../../../src/domain/ids.ts";
import type { ApplicationPurpose } from "../../../src/domain/sign-in-purpose.ts";
import type { SsoConnection } from "../../../src/domain/sso-connection.ts";
import { errorUrl, handOver, oauthAnswerUrl, oauthWordOf } from "../../../src/signin/hand-over.ts";

const ssoOrigin = "https://sso.example.com";
const redirectUri = "https://notes.example.com/callback?keep=%41+b";
const projectId = "proj_1" as ProjectId;
const nowSeconds = Math.floor(Date.now() / 1000);

interface Case {
  readonly access?: SsoConnection["access"];
  readonly userType?: Identity["user_type"];
  readonly admitsGuests?: boolean;
  readonly purpose?: Partial<ApplicationPurpose>;
  readonly authTime?: number;
  readonly registered?: Partial<Application>;
}

/** Where the person goes, or what it is refused with. */
async function endOf({ access = "everyone", userType = "member", ...given }: Case): Promise<string> {
  const application: Application = {
    clientId: "notes",
    projectId,
    name: "Notes",
    redirectUris: [redirectUri],
    isBareHandoff: false,
    postLogoutRedirectUris: [],
    admitsGuests: given.admitsGuests ?? false,
    ...given.registered,
  };
  const purpose = {
    kind: "oidc",
    clientId: "notes",
    redirectUri,
    state: "s",
    scopes: ["openid"],
    ...given.purpose,
  } as ApplicationPurpose;
  const codes = { issue: async () => "code", spend: never, issueToken: never, readToken: never };
  const identity = { sub: "u_1", user_type: userType } as Identity;
  const authentication = given.authTime === undefined ? {} : { auth_time: given.authTime };
  const connection = { id: "sso_1", projectId, access, epoch: 1 } as SsoConnection;
  return handOver({ codes, applications: [application], ssoOrigin }, connection, purpose, {
    identity,
    authentication,
  }).catch((error: unknown) => (error as CodedError).code);
}
const never = (): never => {
  throw new CodedError("internal");
};

const there = `${redirectUri}&code=code&state=s&iss=https%3A%2F%2Fsso.example.com`;

describe("who is handed over", () => {
  it.each<[Case, string]>([
    [{}, there],
    [{ userType: "guest" }, "signin_guest_refused"],
    [{ userType: "unknown" }, "signin_account_type_unknown"],
    [{ userType: "guest", admitsGuests: true }, there],
    [{ userType: "unknown", admitsGuests: true }, there],
    // Somebody of the directory assigned them.
    [{ userType: "guest", access: "assigned" }, there],
    [{ userType: "unknown", access: "assigned" }, there],
    [{ purpose: { subject: "u_1" } }, there],
    [{ purpose: { subject: "u_2" } }, "signin_other_person"],
    [{ purpose: { authenticatedSince: nowSeconds }, authTime: nowSeconds }, there],
    [{ purpose: { authenticatedSince: nowSeconds }, authTime: nowSeconds - 60 }, there],
    [{ purpose: { authenticatedSince: nowSeconds }, authTime: nowSeconds - 61 }, "signin_not_fresh"],
    [{ purpose: { authenticatedSince: nowSeconds } }, "signin_not_fresh"],
    // Taken from the file since the sign-in began.
    [{ registered: { redirectUris: ["https://notes.example.com/other"] } }, "redirect_uri_not_registered"],
    [{ registered: { projectId: "proj_2" as ProjectId } }, "redirect_uri_not_registered"],
    [{ registered: { clientId: "another" } }, "redirect_uri_not_registered"],
  ])("%j", async (given, end) => {
    expect(await endOf(given)).toBe(end);
  });
});

it.each([
  ["https://a.example/cb", "https://a.example/cb?code=c&state=s+1&iss=o"],
  ["https://a.example/cb?", "https://a.example/cb?code=c&state=s+1&iss=o"],
  ["https://a.example/cb?x", "https://a.example/cb?x&code=c&state=s+1&iss=o"],
  ["https://a.example/cb?x=%2F&", "https://a.example/cb?x=%2F&code=c&state=s+1&iss=o"],
])("%s keeps its own query byte for byte", (uri, end) => {
  expect(oauthAnswerUrl("o", { kind: "oidc", redirectUri: uri, state: "s 1" }, { code: "c" })).toBe(end);
});

it.each<[ErrorCode, string, string]>([
  ["signin_refused", "login_required", "Microsoft must ask the person first."],
  ["signin_refused", "access_denied", "Microsoft did not let this account in."],
  ["signin_not_assigned", "interaction_required", factsOf("signin_not_assigned").detail],
])("%s with %s is told as: %s", (code, word, description) => {
  const url = errorUrl(
    "o",
    { kind: "oidc", clientId: "a", redirectUri: "https://a.example/cb", scopes: [] },
    { word, code },
  );
  expect(new URL(url).searchParams.get("error_description")).toBe(description);
});

it.each<[ErrorCode, string | null, string]>([
  ["signin_refused", "login_required", "login_required"],
  ["signin_consent_required", "consent_required", "consent_required"],
  ["signin_refused", "interaction_required", "interaction_required"],
  ["signin_refused", "made_up_word", "access_denied"],
  ["signin_declined", "access_denied", "access_denied"],
  ["signin_not_fresh", null, "login_required"],
  ["signin_other_person", null, "login_required"],
  ["signin_suspended", null, "access_denied"],
  ["signin_token_invalid", null, "server_error"],
  ["signin_misconfigured", "invalid_client", "server_error"],
  ["signin_unavailable", "server_error", "temporarily_unavailable"],
])("%s of Microsoft's %s is %s at the application", (code, given, word) => {
  expect(oauthWordOf(code, given)).toBe(word);
});
