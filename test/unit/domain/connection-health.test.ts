import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attentionCodes, type AttentionCode } from "../../../src/domain/attention.ts";
import {
  type Findings,
  findingsAfter,
  findingsAfterConnecting,
  sameReasons,
} from "../../../src/domain/connection-health.ts";

const [first, second] = [new Date("2026-11-27T10:00:00Z"), new Date("2026-11-28T10:00:00Z")];
const nothing: Findings = { suspected: [], reasons: [] };
const codesOf = ({ reasons }: Findings) => reasons.map(({ code }) => code);

describe("what looks find", () => {
  it("is suspected by one, a reason by two, and over as soon as one does not see it", () => {
    const once = findingsAfter(nothing, ["claims_changed"], first);
    expect(once).toEqual({ suspected: ["claims_changed"], reasons: [] });
    const twice = findingsAfter(once, ["claims_changed"], second);
    expect(twice).toEqual({
      suspected: [],
      reasons: [{ code: "claims_changed", since: second.toISOString() }],
    });
    expect(findingsAfter(twice, [], second)).toEqual(nothing);
    expect(findingsAfter(once, [], second)).toEqual(nothing);
  });

  it("keeps since when it is known, while another thing comes to it", () => {
    const one = findingsAfter({ ...nothing, suspected: ["claims_changed"] }, ["claims_changed"], first);
    const two = findingsAfter(one, ["claims_changed", "credential_foreign"], second);
    expect(two.reasons).toEqual([{ code: "claims_changed", since: first.toISOString() }]);
    expect(two.suspected).toEqual(["credential_foreign"]);
    expect(sameReasons(one, two)).toBe(true);
  });

  it("whatever was seen before: a reason was seen by the last two looks, nothing stands in both lists", () => {
    const seen = fc.subarray([...attentionCodes] as AttentionCode[]);
    fc.assert(
      fc.property(fc.array(seen, { minLength: 1 }), (looks) => {
        const findings = looks.reduce<Findings>(
          (before, codes) => findingsAfter(before, codes, first),
          nothing,
        );
        const [last, before] = [looks.at(-1) ?? [], looks.at(-2) ?? []];
        const both = attentionCodes.filter((code) => last.includes(code) && before.includes(code));
        expect(codesOf(findings)).toEqual(both);
        expect(findings.suspected).toEqual(
          attentionCodes.filter((code) => last.includes(code) && !both.includes(code)),
        );
      }),
    );
  });

  it("connecting again leaves what only people in Entra can undo", () => {
    const since = first.toISOString();
    const all = { suspected: [...attentionCodes], reasons: attentionCodes.map((code) => ({ code, since })) };
    expect(codesOf(findingsAfterConnecting(all))).toEqual(["application_disabled", "credential_foreign"]);
    expect(findingsAfterConnecting(all).suspected).toEqual([]);
  });
});
