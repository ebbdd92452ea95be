import { describe, expect, it } from "vitest";
import type { EntraTenantId } from "../../../src/domain/ids.ts";
import { judgeClaims } from "../../../src/entra/consent-proof.ts";

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
