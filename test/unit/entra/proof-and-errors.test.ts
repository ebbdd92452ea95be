import { describe, expect, it } from "vitest";
import type { EntraTenantId, ProvisionRequestId } from "../../../src/domain/ids.ts";
import { judgeClaims } from "../../../src/entra/consent-proof.ts";
import { readConsentAnswer } from "../../../src/entra/consent-answer.ts";
import { odataString } from "../../../src/entra/graph-client.ts";
import { toGraphError, toTokenError } from "../../../src/entra/judge-answer.ts";
import { retryAfterMs } from "../../../src/entra/microsoft-error.ts";
import { hopValues, type ProofHop } from "../../../src/entra/proof-hop.ts";
import { pageTitles } from "../../support/page-titles.ts";

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

describe("the proof", () => {
  const tenant = "11111111-2222-3333-4444-555555555555" as EntraTenantId;
  const good = () => ({ tid: tenant, ver: "2.0", oid: "o", acct: 0, wids: ["role"], iat: Date.now() / 1000 });
  const rules = { clientId: "client", acceptedRoles: ["role"] };
  it.each([
    [{}],
    [{ acct: "0" }],
    [{ wids: ["other", 7, null, "role"] }],
    [{ wids: "role" }],
    [{ azp: "client" }],
    [{ email: null, name: 5, preferred_username: null, hasgroups: "true", _claim_names: "x", groups: 7 }],
  ])("accepts a member who holds an accepted role, with %j", (change) => {
    expect(judgeClaims({ ...good(), ...change }, tenant, rules)).toEqual({
      entraTenantId: tenant,
      administratorObjectId: "o",
      role: "role",
      domain: null,
      userName: null,
    });
  });
  it.each([
    ["Ada@Contoso.example", "contoso.example"],
    ["ada_contoso.example#EXT#@fabrikam.example", null],
  ])("takes the domain of %j as %s", (name, domain) => {
    expect(judgeClaims({ ...good(), preferred_username: name }, tenant, rules)).toMatchObject({
      domain,
      userName: name,
    });
  });
  it.each([
    [{ tid: "99999999-2222-3333-4444-555555555555" }, "tenant_mismatch"],
    [{ tid: undefined }, "tenant_mismatch"],
    [{ ver: "1.0" }, "proof_invalid"],
    [{ oid: undefined }, "proof_invalid"],
    [{ iat: 0 }, "proof_invalid"],
    [{ acct: 1 }, "guest_not_accepted"],
    [{ acct: "1" }, "guest_not_accepted"],
    [{ acct: undefined }, "proof_claims_not_configured"],
    [{ acct: "" }, "proof_claims_not_configured"],
    [{ acct: " 0" }, "proof_claims_not_configured"],
    [{ acct: "0x0" }, "proof_claims_not_configured"],
    [{ acct: "00" }, "proof_claims_not_configured"],
    [{ acct: null }, "proof_claims_not_configured"],
    [{ acct: false }, "proof_claims_not_configured"],
    [{ acct: true }, "proof_claims_not_configured"],
    [{ acct: [] }, "proof_claims_not_configured"],
    [{ acct: [0] }, "proof_claims_not_configured"],
    [{ acct: {} }, "proof_claims_not_configured"],
    [{ acct: 2 }, "proof_claims_not_configured"],
    [{ acct: 0.5 }, "proof_claims_not_configured"],
    [{ azp: "another" }, "proof_invalid"],
    [{ azp: null }, "proof_invalid"],
    [{ azp: "" }, "proof_invalid"],
    [{ azp: ["client"] }, "proof_invalid"],
    [{ wids: undefined }, "proof_claims_not_configured"],
    [{ wids: null }, "proof_claims_not_configured"],
    [{ wids: { role: true } }, "proof_claims_not_configured"],
    [{ wids: [["role"]] }, "not_an_administrator"],
    [{ wids: "" }, "not_an_administrator"],
    [{ wids: "role other" }, "not_an_administrator"],
    [{ wids: [] }, "not_an_administrator"],
    [{ wids: ["other"] }, "not_an_administrator"],
  ])("refuses %j as %s", (change, code) => {
    expect(() => judgeClaims({ ...good(), ...change }, tenant, rules)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe("the consent's answer", () => {
  const [key, olderKey] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const keys = { active: key, all: [key, olderKey] };
  const parse = (query: string) => readConsentAnswer(new URL(`https://sso.example/x?${query}`), keys);
  const state = "A".repeat(43);
  const hop: ProofHop = {
    requestId: `mspr_${"0".repeat(32)}` as ProvisionRequestId,
    number: 0,
    prompt: "silent",
  };
  const { state: hopState } = hopValues(key, hop);

  it("takes a decline without tenant or description", () => {
    expect(parse(`error=access_denied&error_subcode=cancel&state=${state}`)).toEqual({
      kind: "consent_refused",
      state,
      refusal: { kind: "final", code: "consent_declined" },
    });
    expect(
      parse(
        `error=access_denied&error_description=AADSTS65004%3a+User+declined&admin_consent=True&state=${state}`,
      ),
    ).toMatchObject({ refusal: { code: "consent_declined" } });
    expect(parse(`error=access_denied&error_description=AADSTS50020%3a&state=${state}`)).toMatchObject({
      refusal: { code: "consent_wrong_directory" },
    });
    expect(parse(`error=something_new&state=${state}`)).toMatchObject({
      refusal: { code: "consent_failed" },
    });
  });
  it("takes codes and texts as long as Microsoft makes them, and keeps the number only", () => {
    const code = "c".repeat(12_000);
    expect(parse(`code=${code}&state=${hopState}&session_state=x`)).toEqual({
      kind: "code",
      brought: {
        hop,
        values: hopValues(key, hop),
        code,
        query: `code=${code}&state=${hopState}&session_state=x`,
      },
    });
    const text = encodeURIComponent(`AADSTS53003: ${"Access has been blocked. ".repeat(400)}`);
    expect(parse(`error=access_denied&error_description=${text}&state=${hopState}`)).toEqual({
      kind: "proof_refused",
      hop,
      refusal: {
        kind: "final",
        code: "consent_blocked",
        microsoft: { code: "AADSTS53003", correlationId: undefined },
      },
    });
    expect(parse(`error=access_denied&error_description=${text}&state=${state}`)).toMatchObject({
      kind: "consent_refused",
    });
  });
  it("takes the state with the title that Microsoft appends, and with no other text", () => {
    const tenant = "admin_consent=True&tenant=11111111-2222-3333-4444-55555555AAAA";
    for (const title of pageTitles.map(encodeURIComponent)) {
      expect(parse(`${tenant}&state=${state}${title}`)).toEqual({
        kind: "consented",
        state,
        tenantHint: "11111111-2222-3333-4444-55555555aaaa",
      });
      expect(parse(`code=x&state=${hopState}${title}`)).toMatchObject({
        kind: "code",
        brought: { query: `code=x&state=${hopState}` },
      });
    }
    expect(parse(`${tenant}&state=${state}x`)).toEqual({ kind: "malformed" });
  });
  it.each<[string, string]>([
    ["nothing", ""],
    ["no state", "admin_consent=True&tenant=11111111-2222-3333-4444-555555555555"],
    ["no tenant", `admin_consent=True&state=${state}`],
    ["a tenant by name", `admin_consent=True&tenant=common&state=${state}`],
    [
      "the tenant of personal accounts",
      `admin_consent=True&tenant=9188040D-6c67-4c5b-b112-36a304b66dad&state=${state}`,
    ],
    ["no consent", `admin_consent=False&tenant=11111111-2222-3333-4444-555555555555&state=${state}`],
    ["a hop without code or error", `state=${hopState}`],
    ["two states", `code=x&state=${hopState}&state=${hopState}`],
    ["two codes", `code=x&code=y&state=${hopState}`],
  ])("%s is malformed", (_name, query) => expect(parse(query)).toEqual({ kind: "malformed" }));
  it("knows the hops of every key in the ring, and only those", () => {
    expect(parse(`code=x&state=${hopValues(olderKey, hop).state}`)).toMatchObject({
      kind: "code",
      brought: { hop, values: hopValues(olderKey, hop) },
    });
    const strange = hopValues(Buffer.alloc(32, 3), hop).state;
    expect(parse(`code=x&state=${strange}`)).toEqual({ kind: "forged" });
    expect(parse(`error=access_denied&state=${strange}`)).toEqual({ kind: "forged" });
    const raised = hopState.replace("0s", "1s");
    expect(parse(`code=x&state=${raised}`)).toEqual({ kind: "forged" });
  });
});
