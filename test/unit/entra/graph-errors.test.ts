import { describe, expect, it } from "vitest";
import { odataString } from "../../../src/entra/graph-client.ts";
import { toGraphError, toTokenError } from "../../../src/entra/judge-answer.ts";
import { retryAfterMs } from "../../../src/entra/microsoft-error.ts";

const answer = (status: number, json: unknown) => ({
  status,
  json,
  headers: new Headers(),
  retryAfterMs: undefined,
});
const graph = (code: string, message = "m") => ({ error: { code, message } });

describe("Graph's refusals", () => {
  it.each([
    [404, graph("Request_ResourceNotFound"), "application_not_ready"],
    [
      400,
      graph(
        "Request_BadRequest",
        "Resource 'x' does not exist or one of its queried reference-property objects are not present.",
      ),
      "application_not_ready",
    ],
    [403, graph("Authorization_RequestDenied"), "permission_not_effective"],
    [403, graph("accessDenied"), "permission_not_effective"],
    [403, graph("UnknownError"), "permission_not_effective"],
    [401, graph("UnknownError"), "consent_not_effective"],
    [403, graph("SomethingNewAsPerAppPolicy"), "forbidden_by_policy"],
    [400, graph("InvalidUniqueTenantIdentifierAsPerAppPolicy"), "forbidden_by_policy"],
    [400, graph("TooManyAppPasswords"), "secret_limit_reached"],
    [403, graph("Directory_ResourceSizeExceeded"), "secret_limit_reached"],
    [400, graph("Directory_ExpiredPageToken"), "microsoft_unavailable"],
    [404, graph("NotFound"), "application_not_ready"],
    [403, graph("CredentialTypeNotAllowedAsPerAppPolicy"), "secrets_forbidden_by_policy"],
    [403, undefined, "microsoft_unavailable"],
    [401, graph("InvalidAuthenticationToken"), "consent_not_effective"],
    [403, graph("Authorization_IdentityNotFound"), "consent_not_effective"],
    [400, graph("Request_BadRequest"), "microsoft_refused_request"],
    [409, graph("Directory_ConcurrencyViolation"), "microsoft_unavailable"],
    [403, graph("Directory_QuotaExceeded"), "quota_exceeded"],
    [400, graph("ServiceTreeValueMissing"), "service_reference_required"],
    [400, graph("CredentialInvalidLifetimeAsPerAppPolicy"), "secret_lifetime_forbidden_by_policy"],
    [400, graph("CredentialTypeNotAllowedAsPerAppPolicy"), "secrets_forbidden_by_policy"],
    [400, graph("SignInAudienceNotAllowedAsPerAppPolicy"), "audience_forbidden_by_policy"],
    [429, graph("TooManyRequests"), "microsoft_throttled"],
    [429, undefined, "microsoft_throttled"],
    [503, graph("serviceNotAvailable"), "microsoft_unavailable"],
    [502, undefined, "microsoft_unavailable"],
    [302, undefined, "microsoft_unavailable"],
    [400, undefined, "microsoft_unavailable"],
    [423, graph("x"), "microsoft_unavailable"],
  ])("%i %j is %s", (status, json, code) => {
    expect(toGraphError(answer(status, json)).code).toBe(code);
  });

  it.each([
    [{ innerError: null }],
    [{ innerError: "x" }],
    [{ innerError: { "request-id": null } }],
    [{ innererror: [] }],
    [{ message: null, details: null }],
  ])("with %j beside its code is what its code says", (more) => {
    const { error } = graph("Request_BadRequest");
    expect(toGraphError(answer(400, { error: { ...error, ...more } })).code).toBe(
      "microsoft_refused_request",
    );
  });
});

describe("the token endpoint's refusals", () => {
  const oauth = (error: string, aadsts?: number) => ({ error, ...(aadsts ? { error_codes: [aadsts] } : {}) });
  it.each([
    [401, oauth("invalid_client", 7_000_215), "provisioning_credential_refused", "secret_not_accepted"],
    [401, oauth("invalid_client", 7_000_222), "provisioning_credential_refused", "secret_not_accepted"],
    [401, oauth("invalid_client", 7_000_229), "consent_not_effective", "secret_not_accepted"],
    [400, oauth("unauthorized_client", 700_016), "consent_not_effective", "secret_not_accepted"],
    [400, oauth("unauthorized_client", 7_000_112), "application_disabled", "application_disabled"],
    [400, oauth("invalid_request", 90_002), "tenant_not_found", "tenant_not_found"],
    [400, oauth("invalid_grant", 5_000_225), "directory_blocked", "directory_blocked"],
    [400, oauth("invalid_request", 5_000_224), "directory_blocked", "directory_blocked"],
    [400, oauth("invalid_grant", 53_003), "conditional_access_blocked", "conditional_access_blocked"],
    [400, oauth("invalid_grant", 50_196), "microsoft_throttled", "microsoft_throttled"],
    [503, oauth("temporarily_unavailable"), "microsoft_unavailable", "microsoft_unavailable"],
    [401, oauth("invalid_client"), "provisioning_credential_refused", "secret_not_accepted"],
    [400, oauth("something_new", 123_456), "microsoft_refused_request", "microsoft_refused_request"],
    [400, undefined, "microsoft_unavailable", "microsoft_unavailable"],
  ])("%i %j is %s, and %s for a new secret", (status, json, code, forNew) => {
    expect(toTokenError(answer(status, json)).code).toBe(code);
    expect(toTokenError(answer(status, json), true).code).toBe(forNew);
  });
});

describe("Retry-After", () => {
  const inMs = (ms: number) => new Date(Date.now() + ms).toUTCString();
  it.each([
    ["7", 7000],
    [" 7 ", 7000],
    ["1.5", 1500],
    ["0", 1000],
    ["0.001", 1000],
    ["00", 1000],
    ["300", 300_000],
    ["301", 300_000],
    ["1000000000000", 300_000],
    ["9".repeat(400), 300_000],
    ["Wed, 21 Oct 2015 07:28:00 GMT", 1000],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 1000],
    ["Fri, 31 Dec 9999 23:59:59 GMT", 300_000],
    [inMs(-1000), 1000],
    [inMs(0), 1000],
    [inMs(3_600_000), 300_000],
  ])("of %j is %i ms", (header, ms) => expect(retryAfterMs(header)).toBe(ms));
  it("of a date to come is the time until then", () => {
    expect(retryAfterMs(inMs(10_000))).toBeGreaterThan(8000);
    expect(retryAfterMs(inMs(10_000))).toBeLessThanOrEqual(10_000);
  });
  it.each([
    [null],
    [""],
    [" "],
    ["-5"],
    ["-0"],
    ["+5"],
    ["abc"],
    ["soon"],
    ["1e12"],
    ["0x10"],
    ["Infinity"],
    ["NaN"],
    ["5s"],
    ["5, 10"],
    ["2015-10-21T07:28:00Z"],
    ["Wed, 99 Foo 2015 07:28:00 GMT"],
    ["Wed, 21 Oct 2015 07:28:00 GMT, Wed, 21 Oct 2015 07:28:00 GMT"],
  ])("of %j is as good as none", (header) => expect(retryAfterMs(header)).toBeUndefined());
});

it("doubles quotes in OData literals", () => expect(odataString("O'Hara")).toBe("'O''Hara'"));
