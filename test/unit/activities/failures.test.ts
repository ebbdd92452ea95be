import { describe, expect, it } from "vitest";
import { toApplicationFailure } from "../../../src/activities/failures.ts";
import { CodedError } from "../../../src/domain/coded-error.ts";

const minute = 60_000;
const delayOf = (
  code: "microsoft_throttled" | "consent_not_effective",
  retryAfterMs: number,
  sameCauseMs = 0,
) =>
  toApplicationFailure(new CodedError(code, undefined, { retryAfterMs }), {
    sameCauseMs,
    elapsedMs: sameCauseMs,
  }).nextRetryDelay;

describe("the delay that Temporal is told", () => {
  it.each([0, -1, 1, -1e12, Number.NEGATIVE_INFINITY])("is a second for %d ms, never nothing", (asked) =>
    expect(delayOf("microsoft_throttled", asked)).toBe(1000),
  );
  it.each([1e12, Number.POSITIVE_INFINITY])("is five minutes for %d ms", (asked) =>
    expect(delayOf("microsoft_throttled", asked)).toBe(5 * minute),
  );
  it("is what was asked for between them, and left out for what is no number", () => {
    expect(delayOf("microsoft_throttled", 7000)).toBe(7000);
    expect(delayOf("microsoft_throttled", Number.NaN)).toBeUndefined();
  });
  it("does not outlast the time that the cause is given", () =>
    expect(delayOf("consent_not_effective", 5 * minute, 13 * minute)).toBe(2 * minute));
});
