import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, decideProof, decideStanding } from "../../../src/api/browser/consent-decision.ts";
import { errorCodes, isErrorCode } from "../../../src/domain/error-codes.ts";
import type { ConnectionId } from "../../../src/domain/ids.ts";
import { type ProvisionRequest, requestStatuses } from "../../../src/domain/provision-request.ts";
import type { ConsentAnswer } from "../../../src/entra/consent-answer.ts";
import type { Judgement } from "../../../src/entra/judge-answer.ts";
import type { ProofHop } from "../../../src/entra/proof-hop.ts";
import type { ConsentProof } from "../../../src/operations/prove-consent.ts";
import { brought, consented, id, later, now, otherTenant, row, tenant } from "../../support/callback-rows.ts";

describe("whatever comes", () => {
  const hops = fc.record({
    requestId: fc.constant(id),
    number: fc.integer({ min: 0, max: 9 }),
    prompt: fc.constantFrom<ProofHop["prompt"][]>("silent", "interactive"),
  });
  const refusals: fc.Arbitrary<Judgement> = fc.record({
    kind: fc.constantFrom<Judgement["kind"][]>("final", "passes", "spreads", "needs_person", "new_code"),
    code: fc.constantFrom(...Object.keys(errorCodes).filter(isErrorCode)),
  });
  const tenants = fc.constantFrom(tenant, otherTenant);
  const ofState: fc.Arbitrary<ConsentAnswer> = fc.oneof(
    fc.record({ kind: fc.constant("consented" as const), state: fc.string(), tenantHint: tenants }),
    fc.record({ kind: fc.constant("consent_refused" as const), state: fc.string(), refusal: refusals }),
    fc.record({ kind: fc.constant("code" as const), brought: hops.map((one) => ({ ...brought, hop: one })) }),
    fc.record({ kind: fc.constant("proof_refused" as const), hop: hops, refusal: refusals }),
  );
  const answers: fc.Arbitrary<ConsentAnswer> = fc.oneof(
    { weight: 8, arbitrary: ofState },
    fc.constantFrom<ConsentAnswer[]>({ kind: "malformed" }, { kind: "forged" }),
  );
  // Also rows that no database would hold.
  const rows = fc
    .record({
      status: fc.constantFrom(...requestStatuses),
      binding: fc.constantFrom<ProvisionRequest["binding"][]>("cookie", "confirm", "setup_link"),
      browserHash: fc.option(fc.constant("browser")),
      tenantHint: fc.option(tenants),
      connectionId: fc.option(fc.constant("sso_1" as ConnectionId)),
      expiresAt: fc.constantFrom(now, later, new Date(0), new Date(Number.NaN)),
    })
    .map(row);
  const browsers = fc.record({ isStarter: fc.boolean(), wasTold: fc.boolean() });
  const proofs: fc.Arbitrary<ConsentProof> = fc.oneof(
    fc.record({ kind: fc.constant("moved_on" as const), request: rows }),
    fc.constantFrom<ConsentProof[]>({ kind: "spent" }, { kind: "in_hand" }),
    refusals.map((refusal) => ({ kind: "judged", refusal }) as ConsentProof),
    refusals.map((refusal) => ({ kind: "undecided", refusal }) as ConsentProof),
    fc.record({ kind: fc.constant("credential_refused" as const), refusal: refusals }),
  );
  const isKnown = ({ binding, browserHash }: ProvisionRequest) =>
    binding !== "confirm" || browserHash !== null;

  it("has a decision, and a hop has a number that its state can hold", () => {
    fc.assert(
      fc.property(answers, fc.option(rows, { nil: undefined }), browsers, (answer, request, browser) => {
        const decision = decide(answer, request, browser, now);
        if (decision.kind === "hop") {
          expect(decision.hop.number).toBeLessThanOrEqual(9);
          expect(decision.request.tenantHint).not.toBeNull();
        }
      }),
      { numRuns: 2000 },
    );
  });
  it("another browser burns the state once a browser is known, and the starter's never does", () => {
    fc.assert(
      fc.property(ofState, rows, browsers, (answer, request, browser) => {
        const isWrong = isKnown(request) && !browser.isStarter;
        expect(decide(answer, request, browser, now).kind === "wrong_browser").toBe(isWrong);
      }),
      { numRuns: 2000 },
    );
  });
  it("nothing is recorded, redeemed or asked for a request that has ended or whose time is up", () => {
    fc.assert(
      fc.property(answers, rows, browsers, (answer, request, browser) => {
        const isOpen = ["issued", "consented"].includes(request.status) && !(request.expiresAt <= now);
        fc.pre(!isOpen);
        const { kind } = decide(answer, request, browser, now);
        expect(["record_consent", "redeem", "hop", "tell", "consent_again"]).not.toContain(kind);
      }),
      { numRuns: 2000 },
    );
  });
  it("what came of a code is decided too, and a row always has an answer", () => {
    fc.assert(
      fc.property(proofs, rows, hops, browsers, (proof, request, from, browser) => {
        const decision = decideProof(
          proof,
          { ...consented(), expiresAt: request.expiresAt },
          from,
          browser,
          now,
        );
        if (decision.kind === "hop") expect(decision.hop.number).toBe(from.number + 1);
        expect(["expired", "confirm", "setup_link", "begin_run", "follow"]).toContain(
          decideStanding(request).kind,
        );
      }),
      { numRuns: 2000 },
    );
  });
});
