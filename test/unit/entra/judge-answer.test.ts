import { describe, expect, it } from "vitest";
import { aadstsCodes } from "../../../src/domain/aadsts-codes.ts";
import { type ErrorCode, errorCodes } from "../../../src/domain/error-codes.ts";
import {
  judgeExchange,
  judgeOAuthError,
  judgeRedirect,
  type OAuthPlace,
} from "../../../src/entra/judge-answer.ts";
import { MicrosoftError } from "../../../src/entra/microsoft-error.ts";
import { readOAuthError, readOAuthRedirect, referenceOf } from "../../../src/entra/oauth-error.ts";

const judge = (place: OAuthPlace, word: string, numbers: number[] = [], status?: number): string => {
  const { kind, code } = judgeOAuthError(
    { word, numbers, ...(status === undefined ? {} : { status }) },
    place,
  );
  return `${kind}: ${code}`;
};

describe("the number before the word", () => {
  it.each<[OAuthPlace, string, number[], string]>([
    ["hop", "access_denied", [53_003], "final: consent_blocked"],
    ["hop", "interaction_required", [53_003], "final: consent_blocked"],
    ["hop", "access_denied", [530_004], "final: consent_blocked"],
    ["hop", "access_denied", [65_004], "final: consent_declined"],
    ["hop", "access_denied", [50_105], "final: consent_not_assigned"],
    ["hop", "access_denied", [50_020], "final: consent_wrong_directory"],
    ["hop", "access_denied", [90_072], "final: consent_wrong_directory"],
    ["hop", "access_denied", [90_094], "final: consent_admin_required"],
    ["hop", "invalid_client", [650_051], "spreads: consent_not_effective"],
    ["hop", "invalid_client", [650_052], "final: microsoft_service_missing"],
    ["hop", "invalid_client", [650_053], "final: provisioning_app_misconfigured"],
    ["hop", "invalid_client", [650_054], "final: provisioning_app_misconfigured"],
    ["hop", "invalid_client", [650_056], "spreads: consent_not_effective"],
    ["hop", "invalid_client", [650_057], "final: provisioning_app_misconfigured"],
    ["hop", "unauthorized_client", [7_000_229], "spreads: consent_not_effective"],
    ["hop", "unauthorized_client", [700_016], "spreads: consent_not_effective"],
    ["hop", "unauthorized_client", [7_000_112], "final: application_disabled"],
    ["hop", "access_denied", [50_126], "final: proof_failed"],
    ["hop", "access_denied", [50_076], "needs_person: consent_blocked"],
    ["hop", "interaction_required", [50_079], "needs_person: consent_blocked"],
    ["hop", "interaction_required", [16_000], "needs_person: proof_failed"],
    // No page of Microsoft's helps there, whatever its word is.
    ["hop", "interaction_required", [5_000_225], "final: directory_blocked"],
    ["sign_in_code", "invalid_grant", [5_000_224], "final: signin_refused"],
    ["hop", "login_required", [50_058], "needs_person: proof_failed"],
    ["hop", "access_denied", [50_058], "needs_person: consent_declined"],
    ["hop", "interaction_required", [5_000_225], "final: directory_blocked"],
    ["sign_in", "interaction_required", [5_000_224], "final: signin_refused"],
    ["hop", "consent_required", [65_001], "needs_person: consent_declined"],
    ["hop", "access_denied", [90_033], "passes: service_unavailable"],
    ["proof", "invalid_client", [7_000_229], "spreads: consent_not_effective"],
    ["proof", "invalid_client", [700_016], "spreads: consent_not_effective"],
    ["proof", "unauthorized_client", [7_000_112], "final: application_disabled"],
    ["proof", "invalid_client", [7_000_215], "final: provisioning_credential_refused"],
    ["proof", "invalid_client", [7_000_222], "final: provisioning_credential_refused"],
    ["proof", "invalid_client", [650_057], "final: provisioning_app_misconfigured"],
    ["proof", "invalid_grant", [53_003], "final: consent_blocked"],
    ["proof", "invalid_grant", [50_076], "needs_person: consent_blocked"],
    ["proof", "invalid_grant", [54_005], "new_code: service_unavailable"],
    ["proof", "invalid_request", [90_002], "final: tenant_not_found"],
    ["sign_in_code", "invalid_client", [650_052], "final: signin_service_missing"],
    ["sign_in_code", "invalid_client", [650_056], "spreads: signin_consent_required"],
    ["sign_in_code", "invalid_client", [650_057], "final: signin_misconfigured"],
    // A code that was cut on its way, or made up.
    ["sign_in_code", "invalid_grant", [9_002_313], "final: signin_state_invalid"],
    ["proof", "invalid_grant", [9_002_313], "new_code: service_unavailable"],
    ["run", "invalid_request", [9_002_313], "final: microsoft_refused_request"],
    ["sign_in", "access_denied", [500_200], "final: signin_wrong_directory"],
    ["sign_in_code", "invalid_client", [7_000_229], "spreads: signin_application_missing"],
    ["sign_in_code", "invalid_client", [7_000_112], "final: signin_application_disabled"],
    ["sign_in_code", "invalid_client", [7_000_222], "final: signin_secret_refused"],
    ["sign_in_code", "invalid_client", [90_033], "passes: signin_unavailable"],
    ["sign_in", "invalid_client", [650_052], "final: signin_service_missing"],
    ["sign_in", "unauthorized_client", [700_016], "spreads: signin_application_missing"],
    ["sign_in", "access_denied", [530_004], "final: signin_blocked_by_policy"],
    ["sign_in", "access_denied", [50_105], "final: signin_not_assigned"],
    ["sign_in", "server_error", [50_020], "final: signin_wrong_directory"],
    ["consent", "access_denied", [53_003], "final: consent_blocked"],
    ["consent", "access_denied", [90_033], "passes: service_unavailable"],
    ["run", "invalid_client", [650_052], "final: microsoft_service_missing"],
    ["run", "invalid_client", [90_033], "passes: microsoft_unavailable"],
    ["run", "invalid_grant", [50_196], "passes: microsoft_throttled"],
    ["run", "temporarily_unavailable", [53_003], "final: conditional_access_blocked"],
  ])("%s: %s with %j is %s", (place, word, numbers, verdict) => {
    expect(judge(place, word, numbers)).toBe(verdict);
  });
});

describe("the word where there is no number, or none that is known", () => {
  it.each<[OAuthPlace, string, string]>([
    ["consent", "access_denied", "final: consent_declined"],
    ["consent", "temporarily_unavailable", "passes: service_unavailable"],
    ["consent", "something_new", "final: consent_failed"],
    ["hop", "access_denied", "final: consent_declined"],
    ["hop", "login_required", "needs_person: proof_failed"],
    ["hop", "account_selection_required", "needs_person: proof_failed"],
    ["hop", "temporarily_unavailable", "passes: service_unavailable"],
    ["hop", "server_error", "passes: service_unavailable"],
    ["hop", "unauthorized_client", "spreads: consent_not_effective"],
    ["hop", "invalid_client", "final: proof_failed"],
    ["proof", "invalid_client", "final: provisioning_credential_refused"],
    ["proof", "invalid_grant", "new_code: service_unavailable"],
    ["proof", "interaction_required", "needs_person: proof_failed"],
    ["proof", "invalid_request", "final: proof_failed"],
    ["sign_in", "access_denied", "final: signin_refused"],
    ["sign_in", "invalid_client", "final: signin_misconfigured"],
    ["sign_in", "unauthorized_client", "final: signin_misconfigured"],
    ["sign_in", "temporarily_unavailable", "passes: signin_unavailable"],
    ["sign_in_code", "invalid_client", "final: signin_secret_refused"],
    ["sign_in_code", "invalid_grant", "final: signin_refused"],
    ["run", "invalid_client", "final: provisioning_credential_refused"],
    ["run", "unauthorized_client", "spreads: consent_not_effective"],
    ["run", "server_error", "passes: microsoft_unavailable"],
  ])("%s: %s is %s", (place, word, verdict) => {
    expect(judge(place, word)).toBe(verdict);
    expect(judge(place, word, [123_456])).toBe(verdict);
  });
});

describe("a press of Cancel", () => {
  const cancelled = (place: "consent" | "hop" | "sign_in", more = "") =>
    judgeRedirect(new URLSearchParams(`error=access_denied&error_subcode=cancel${more}`), place);

  it.each([
    ["consent", "consent_declined"],
    ["hop", "consent_declined"],
    ["sign_in", "signin_declined"],
  ] as const)("without a number, at %s, is %s, and no number is made up", (place, code) => {
    expect(cancelled(place)).toEqual({ kind: "final", code, microsoft: undefined });
  });
  it("says less than a number that is known", () => {
    const blocked = { kind: "final", code: "signin_blocked_by_policy" };
    expect(cancelled("sign_in", "&error_description=AADSTS53003")).toMatchObject(blocked);
    expect(cancelled("sign_in", "&error_description=AADSTS999999")).toMatchObject({
      code: "signin_declined",
      microsoft: { code: "AADSTS999999" },
    });
  });
});

describe("what discovery refuses while a code is exchanged", () => {
  const refused = (code: ErrorCode, aadsts?: number) => new MicrosoftError(code, { status: 400, aadsts });

  it("is told to a person who signs in as such, and to an administrator as it is", () => {
    const unknown = refused("tenant_not_found", 90_002);
    expect(judgeExchange(unknown, "sign_in_code")).toEqual({
      kind: "final",
      code: "signin_refused",
      microsoft: { code: "AADSTS90002", correlationId: undefined },
    });
    expect(judgeExchange(unknown, "proof").code).toBe("tenant_not_found");
    expect(judgeExchange(refused("issuer_mismatch"), "sign_in_code").code).toBe("signin_misconfigured");
  });
  it("has a code that a sign-in may end with, whatever it is", () => {
    for (const code of Object.keys(errorCodes) as ErrorCode[])
      expect(judgeExchange(refused(code), "sign_in_code").code).toMatch(/^signin_/);
  });
});

describe("several numbers", () => {
  it("prefers what passes, then what says why, then what says only no", () => {
    expect(judge("proof", "invalid_grant", [70_000, 53_003])).toBe("final: consent_blocked");
    expect(judge("proof", "invalid_client", [70_002, 54_005])).toBe("new_code: service_unavailable");
    expect(judge("run", "invalid_client", [70_002, 7_000_229])).toBe("spreads: consent_not_effective");
    expect(judge("run", "invalid_client", [53_003, 90_033])).toBe("passes: microsoft_unavailable");
    expect(judge("run", "invalid_client", [999_999, 53_003])).toBe("final: conditional_access_blocked");
  });
});

it("an answer of a server in trouble passes, whatever stands in it", () => {
  for (const status of [408, 429, 500, 503])
    expect(judge("proof", "invalid_client", [7_000_215], status)).toBe("passes: service_unavailable");
  expect(judgeOAuthError(readOAuthError(400, undefined), "run").kind).toBe("passes");
});

describe("reading", () => {
  const id = "0a1b2c3d-1111-2222-3333-444455556666";
  it("takes numbers from error_codes, every place of the description and the address of the help page", () => {
    const redirect = (query: string) => readOAuthRedirect(new URLSearchParams(query));
    expect(
      readOAuthError(400, {
        error: "invalid_client",
        error_codes: [70002, "50012", null, {}],
        error_description: `AADSTS70002: Error. AADSTS7000215: Secret.\r\nCorrelation ID: ${id.toUpperCase()}`,
      }),
    ).toEqual({
      status: 400,
      word: "invalid_client",
      numbers: [70_002, 50_012, 7_000_215],
      correlationId: id,
    });
    expect(
      redirect(
        "error=access_denied&error_uri=https%3a%2f%2flogin.microsoftonline.com%2ferror%3fcode%3d65004",
      ),
    ).toMatchObject({ numbers: [65_004] });
    expect(redirect("code=x")).toBeUndefined();
  });
  it.each([
    [null],
    ["<html>"],
    [[]],
    [{ error: 7, error_codes: "x", error_description: null, correlation_id: {} }],
    [{ error: "<script>", error_codes: [1.5, -7, 12, 1e300] }],
  ])("takes %j as an answer that says nothing", (body) => {
    expect(readOAuthError(400, body)).toMatchObject({ word: undefined, numbers: [] });
  });
  it("names the number that decided, and keeps no text", () => {
    const error = readOAuthError(400, {
      error: "invalid_grant",
      error_description: `AADSTS70000: no. AADSTS53003: ${"x".repeat(9000)}`,
      correlation_id: id,
    });
    expect(referenceOf(error)).toEqual({ code: "AADSTS53003", correlationId: id });
    expect(JSON.stringify(error).length).toBeLessThan(200);
  });
});

it("every number has its sentence, and something to call it at sign-in or an answer of Microsoft's own page", () => {
  for (const { meaning, signIn, helps } of Object.values(aadstsCodes)) {
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(signIn ?? helps).toBeDefined();
  }
});
