import { describe, expect, it } from "vitest";
import {
  decide,
  decideConsented,
  decideProof,
  type Decision,
} from "../../../src/api/browser/consent-decision.ts";
import type { ProvisionRequest } from "../../../src/domain/provision-request.ts";
import type { ProofHop } from "../../../src/entra/proof-hop.ts";
import type { ConsentProof } from "../../../src/operations/prove-consent.ts";
import {
  approved,
  at,
  consented,
  ends,
  hop,
  later,
  now,
  otherTenant,
  over,
  row,
  starter,
  tenant,
} from "../../support/callback-rows.ts";

describe("after the consent was recorded", () => {
  it("goes to the proof; equal callbacks go the same way", () => {
    const request = consented();
    expect(decideConsented(request, tenant, now)).toEqual(decide(approved, request, starter, now));
  });
  it.each<[string, ProvisionRequest, Partial<Decision>]>([
    [
      "another directory was first",
      consented({ tenantHint: otherTenant }),
      ends("refused", "tenant_mismatch"),
    ],
    ["the database's clock says that the time is up", row(), { kind: "expired" }],
    ["it ended meanwhile", row({ status: "expired" }), { kind: "follow" }],
  ])("%s", (_name, request, expected) =>
    expect(decideConsented(request, tenant, now)).toMatchObject(expected),
  );
});

describe("after the code was sent", () => {
  const proofTable: Readonly<
    Record<ConsentProof["kind"], readonly (readonly [string, ConsentProof, ProofHop, Partial<Decision>])[]>
  > = {
    moved_on: [
      ["proved", { kind: "moved_on", request: row({ status: "proved" }) }, hop, { kind: "begin_run" }],
      [
        "proved with confirm binding",
        { kind: "moved_on", request: row({ status: "unconfirmed", binding: "confirm" }) },
        hop,
        { kind: "confirm" },
      ],
      [
        "another directory",
        { kind: "moved_on", request: row({ status: "refused" }) },
        hop,
        { kind: "follow" },
      ],
      ["joined", { kind: "moved_on", request: row({ status: "superseded" }) }, hop, { kind: "follow" }],
      ["the time was up", { kind: "moved_on", request: consented(over) }, hop, { kind: "expired" }],
    ],
    spent: [
      ["brings another code", { kind: "spent" }, hop, { kind: "hop", hop: at(1) }],
      ["too often: told", { kind: "spent" }, at(3), { kind: "tell" }],
      ["at the last hop", { kind: "spent" }, at(9), ends("refused", "service_unavailable")],
    ],
    in_hand: [["waits", { kind: "in_hand" }, hop, { kind: "in_hand" }]],
    judged: [
      [
        "no administrator",
        { kind: "judged", refusal: { kind: "final", code: "not_an_administrator" } },
        hop,
        ends("refused", "not_an_administrator"),
      ],
      [
        "multi-factor authentication is needed",
        { kind: "judged", refusal: { kind: "needs_person", code: "consent_blocked" } },
        hop,
        { kind: "hop", hop: at(1, "interactive") },
      ],
      [
        "a code that was used",
        { kind: "judged", refusal: { kind: "new_code", code: "service_unavailable" } },
        at(1),
        { kind: "hop", hop: at(2), pauseMs: 300 },
      ],
    ],
    undecided: [
      [
        "Microsoft is away",
        { kind: "undecided", refusal: { kind: "passes", code: "service_unavailable" } },
        hop,
        { kind: "hop", hop: at(1) },
      ],
      [
        "the consent has not spread in time",
        { kind: "undecided", refusal: { kind: "spreads", code: "consent_not_effective" } },
        at(3),
        ends("refused", "consent_not_effective"),
      ],
    ],
    credential_refused: [
      [
        "alarms, burns nothing",
        {
          kind: "credential_refused",
          refusal: { kind: "final", code: "provisioning_credential_refused" },
        },
        hop,
        { kind: "credential_refused" },
      ],
    ],
  };
  describe.each(Object.entries(proofTable))("%s", (_kind, rows) => {
    it.each(rows)("%s", (_name, proof, from, expected) =>
      expect(decideProof(proof, consented(), from, starter, now)).toMatchObject(expected),
    );
  });
  it.each<ConsentProof>([
    { kind: "spent" },
    { kind: "judged", refusal: { kind: "final", code: "not_an_administrator" } },
    { kind: "undecided", refusal: { kind: "passes", code: "service_unavailable" } },
  ])("ends as expired where the time was up meanwhile: %j", (proof) =>
    expect(decideProof(proof, consented(), hop, starter, later)).toMatchObject({ kind: "expired" }),
  );
});
