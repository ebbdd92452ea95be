import { describe, expect, it } from "vitest";
import { type CallbackBrowser, decide, type Decision } from "../../../src/api/browser/consent-decision.ts";
import { finalStatuses, type ProvisionRequest } from "../../../src/domain/provision-request.ts";
import type { ConsentAnswer } from "../../../src/entra/consent-answer.ts";
import {
  approved,
  approvedElsewhere,
  at,
  brought,
  busy,
  code,
  consented,
  declined,
  ends,
  fresh,
  hop,
  later,
  noProof,
  now,
  over,
  refusal,
  row,
  starter,
  stranger,
  tenant,
  told,
} from "../../support/callback-rows.ts";

type Row = readonly [
  name: string,
  answer: ConsentAnswer,
  request: ProvisionRequest | undefined,
  browser: CallbackBrowser,
  expected: Partial<Decision>,
];

/** Each kind of decision has its rows; one without does not compile. */
const table: Readonly<
  Record<Exclude<Decision["kind"], "in_hand" | "credential_refused" | "setup_link">, readonly Row[]>
> = {
  malformed: [
    [
      "a query that is none of Microsoft's",
      { kind: "malformed" },
      undefined,
      stranger,
      { kind: "malformed" },
    ],
    ["the same of the starter", { kind: "malformed" }, row(), starter, { kind: "malformed" }],
  ],
  unknown_state: [
    ["a state that nobody issued", approved, undefined, starter, { kind: "unknown_state" }],
    ["a refusal for such a state", declined, undefined, stranger, { kind: "unknown_state" }],
    ["a hop that no key made", { kind: "forged" }, undefined, starter, { kind: "unknown_state" }],
    ["a hop of a request that is gone", code, undefined, starter, { kind: "unknown_state" }],
  ],
  wrong_browser: [
    ["an approval", approved, row(), stranger, { kind: "wrong_browser" }],
    ["a decline", declined, row(), stranger, { kind: "wrong_browser" }],
    ["a code", code, consented(), stranger, { kind: "wrong_browser" }],
    ["a hop's error", noProof("final"), consented(), stranger, { kind: "wrong_browser" }],
    [
      "a repeat, with confirm binding after a browser brought the consent",
      approved,
      consented({ binding: "confirm" }),
      stranger,
      { kind: "wrong_browser" },
    ],
    [
      "a repeat of what succeeded",
      approved,
      row({ status: "succeeded" }),
      stranger,
      { kind: "wrong_browser" },
    ],
    ["an approval when the time is up", approved, row(over), stranger, { kind: "wrong_browser" }],
  ],
  record_consent: [
    ["an approval", approved, row(), starter, { kind: "record_consent", tenantHint: tenant }],
    ["of any browser where none is known yet", approved, fresh, stranger, { kind: "record_consent" }],
  ],
  expired: [
    ["an approval when the time is up", approved, row(over), starter, { kind: "expired" }],
    ["a repeated approval when the time is up", approved, consented(over), starter, { kind: "expired" }],
    ["a decline when the time is up", declined, row(over), starter, { kind: "expired" }],
    ["a code when the time is up", code, consented(over), starter, { kind: "expired" }],
    ["a hop's error when the time is up", noProof("passes"), consented(over), starter, { kind: "expired" }],
    ["a code before an approval", code, row(), starter, { kind: "expired" }],
  ],
  hop: [
    ["the same approval again", approved, consented(), starter, { kind: "hop", hop, pauseMs: 0 }],
    [
      "Microsoft needs the person",
      noProof("needs_person", "proof_failed"),
      consented(),
      starter,
      { kind: "hop", hop: at(1, "interactive"), pauseMs: 0 },
    ],
    [
      "what passes, at once",
      noProof("passes"),
      consented(),
      starter,
      { kind: "hop", hop: at(1), pauseMs: 0 },
    ],
    [
      "what passes, the third time",
      noProof("passes", "service_unavailable", at(2)),
      consented(),
      starter,
      { kind: "hop", hop: at(3), pauseMs: 600 },
    ],
    [
      "what spreads, with a longer pause",
      noProof("spreads", "consent_not_effective", at(2)),
      consented(),
      starter,
      { kind: "hop", hop: at(3), pauseMs: 2000 },
    ],
    [
      "the person loads again where a passing failure was told",
      noProof("passes", "service_unavailable", at(3)),
      consented(),
      told,
      { kind: "hop", hop: at(4), pauseMs: 0 },
    ],
    [
      "an interactive hop stays interactive",
      noProof("passes", "service_unavailable", at(1, "interactive")),
      consented(),
      starter,
      { kind: "hop", hop: at(2, "interactive") },
    ],
  ],
  redeem: [
    ["a code of a hop", code, consented(), starter, { kind: "redeem", brought }],
    [
      "with confirm binding too",
      code,
      consented({ binding: "confirm" }),
      starter,
      { kind: "redeem", brought },
    ],
  ],
  tell: [
    ["an approval that Microsoft could not take", busy, row(), starter, { kind: "tell" }],
    ["the same after a consent", busy, consented(), starter, { kind: "tell" }],
    [
      "a hop that passes once too often",
      noProof("passes", "service_unavailable", at(3)),
      consented(),
      starter,
      { kind: "tell", refusal: refusal("passes", "service_unavailable") },
    ],
  ],
  consent_again: [
    ["the same, loaded again where it was told", busy, row(), told, { kind: "consent_again", state: "s" }],
  ],
  end: [
    ["a decline", declined, row(), starter, ends("denied", "consent_declined")],
    [
      "a decline where no browser is known yet",
      declined,
      fresh,
      stranger,
      ends("denied", "consent_declined"),
    ],
    ["a decline after a consent", declined, consented(), starter, ends("denied", "consent_declined")],
    [
      "another tenant on the same state",
      approvedElsewhere,
      consented(),
      starter,
      ends("refused", "tenant_mismatch"),
    ],
    [
      "another tenant before the confirmation",
      approvedElsewhere,
      row({ status: "unconfirmed", binding: "confirm", tenantHint: tenant }),
      starter,
      ends("refused", "tenant_mismatch"),
    ],
    [
      "a policy that blocks the hop",
      noProof("final", "consent_blocked"),
      consented(),
      starter,
      ends("refused", "consent_blocked"),
    ],
    [
      "a decline at the hop",
      noProof("final", "consent_declined"),
      consented(),
      starter,
      ends("denied", "consent_declined"),
    ],
    [
      "an interactive hop that still needs the person",
      noProof("needs_person", "proof_failed", at(1, "interactive")),
      consented(),
      starter,
      ends("refused", "proof_failed"),
    ],
    [
      "what does not spread in time",
      noProof("spreads", "consent_not_effective", at(3)),
      consented(),
      told,
      ends("refused", "consent_not_effective"),
    ],
    [
      "the last hop there is",
      noProof("passes", "service_unavailable", at(9)),
      consented(),
      told,
      ends("refused", "service_unavailable"),
    ],
    [
      "the last hop needs the person",
      noProof("needs_person", "proof_failed", at(9)),
      consented(),
      starter,
      ends("refused", "proof_failed"),
    ],
  ],
  confirm: [
    [
      "a repeat while the starter's session has not confirmed",
      approved,
      row({ status: "unconfirmed", binding: "confirm", tenantHint: tenant }),
      starter,
      { kind: "confirm" },
    ],
    [
      "a decline that comes too late",
      declined,
      row({ status: "unconfirmed", binding: "confirm" }),
      starter,
      { kind: "confirm" },
    ],
    [
      "a repeat after the confirmation",
      code,
      row({ status: "provisioning", binding: "confirm" }),
      starter,
      { kind: "confirm" },
    ],
  ],
  begin_run: [
    [
      "a repeat after an earlier callback died",
      code,
      row({ status: "proved" }),
      starter,
      { kind: "begin_run" },
    ],
    ["a decline that comes too late", declined, row({ status: "proved" }), starter, { kind: "begin_run" }],
  ],
  follow: [
    ["a repeat while work is under way", code, row({ status: "provisioning" }), starter, { kind: "follow" }],
    [
      "a repeated approval after it",
      approved,
      row({ status: "succeeded", tenantHint: tenant }),
      starter,
      { kind: "follow" },
    ],
    [
      "another tenant after it",
      approvedElsewhere,
      row({ status: "succeeded", tenantHint: tenant }),
      starter,
      { kind: "follow" },
    ],
    ["a repeated decline", declined, row({ status: "denied" }), starter, { kind: "follow" }],
    [
      "a repeat after the end, with confirm binding",
      code,
      row({ status: "succeeded", binding: "confirm" }),
      starter,
      { kind: "follow" },
    ],
  ],
};

describe.each(Object.entries(table))("%s", (kind, rows) => {
  it.each(rows)("%s", (_name, answer, request, browser, expected) => {
    expect(expected.kind).toBe(kind);
    expect(decide(answer, request, browser, now)).toMatchObject(expected);
  });
});

describe("a settled request", () => {
  it.each(finalStatuses)("gives each repeat the same answer: %s", (status) => {
    const request = row({ status, tenantHint: tenant });
    for (const answer of [approved, approvedElsewhere, declined, busy, code, noProof("passes")])
      for (const browser of [starter, told])
        for (const moment of [now, new Date(later.getTime() + 1)])
          expect(decide(answer, request, browser, moment)).toEqual({ kind: "follow", request });
  });
});
