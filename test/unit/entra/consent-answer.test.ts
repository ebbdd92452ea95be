import { describe, expect, it } from "vitest";
import type { ProvisionRequestId } from "../../../src/domain/ids.ts";
import { readConsentAnswer } from "../../../src/entra/consent-answer.ts";
import { hopValues, type ProofHop } from "../../../src/entra/proof-hop.ts";
import { pageTitles } from "../../support/page-titles.ts";

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
