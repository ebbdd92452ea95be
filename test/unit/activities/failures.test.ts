import { ApplicationFailureCategory } from "@temporalio/common";
import { describe, expect, it } from "vitest";
import { type Patience, toApplicationFailure } from "../../../src/activities/failures.ts";
import { DatabaseError } from "../../../src/db/database-error.ts";
import { CodedError } from "../../../src/domain/coded-error.ts";
import { errorCodes, factsOf, isErrorCode } from "../../../src/domain/error-codes.ts";
import { MicrosoftError } from "../../../src/entra/microsoft-error.ts";
import { SealingError } from "../../../src/sealing/sealing-error.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
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
  it("is left to the step's own policy where nobody asked for one, and is none for an end", () => {
    const begin = { sameCauseMs: 0, elapsedMs: 0 };
    expect(toApplicationFailure(new CodedError("microsoft_throttled"), begin).nextRetryDelay).toBeUndefined();
    const final = new CodedError("quota_exceeded", undefined, { retryAfterMs: 7000 });
    expect(toApplicationFailure(final, begin).nextRetryDelay).toBeUndefined();
  });
  it("is the tests' own where they set one", () =>
    expect(
      toApplicationFailure(new CodedError("microsoft_throttled"), {
        sameCauseMs: 0,
        elapsedMs: 0,
        retryDelayMs: 20,
      }).nextRetryDelay,
    ).toBe(20));
});

describe("how long a step tries again", () => {
  const after = (code: keyof typeof errorCodes, sameCauseMs: number, elapsedMs = sameCauseMs) =>
    toApplicationFailure(new CodedError(code), { sameCauseMs, elapsedMs });

  it.each(Object.keys(errorCodes).filter(isErrorCode))(
    "%s: as its row says, and never over a day",
    (code) => {
      const { retryForMs } = factsOf(code);
      if (retryForMs > 0) {
        const last = after(code, Math.min(retryForMs, day) - 1);
        expect(last).toMatchObject({ type: code, nonRetryable: false });
        expect(last.category).toBe(ApplicationFailureCategory.BENIGN);
      }
      if (Number.isFinite(retryForMs)) {
        const end = after(code, retryForMs);
        expect(end.nonRetryable).toBe(true);
        expect(end.category).not.toBe(ApplicationFailureCategory.BENIGN);
        expect(after(code, 0, day).nonRetryable).toBe(true);
      } else {
        expect(after(code, 365 * day).nonRetryable).toBe(false);
      }
    },
  );

  it("is counted for the cause at hand, and a step may be more patient than the row", () => {
    const error = new CodedError("permission_not_effective");
    const time = { sameCauseMs: 4 * minute, elapsedMs: 4 * minute };
    expect(toApplicationFailure(error, time).nonRetryable).toBe(true);
    expect(toApplicationFailure(error, { ...time, sameCauseMs: 0 }).nonRetryable).toBe(false);
    const patience = { permission_not_effective: 15 * minute };
    expect(toApplicationFailure(error, time, patience).nonRetryable).toBe(false);
    expect(toApplicationFailure(error, time, { microsoft_throttled: day }).nonRetryable).toBe(true);
  });

  it("calls a permission that never came what it is", () =>
    expect(after("permission_not_effective", 15 * minute).type).toBe("permission_denied"));
});

describe("what Temporal is told of it", () => {
  const told = (error: unknown) => toApplicationFailure(error, { sameCauseMs: 0, elapsedMs: 0 });

  it.each([
    [new CodedError("quota_exceeded"), "quota_exceeded", true],
    [new DatabaseError("23514", "a_check"), "internal", true],
    [new DatabaseError("57P01", undefined), "database_unavailable", false],
    [new DatabaseError("42P01", undefined), "database_refused", false],
    [new SealingError("unknown_key", "not there"), "sealing_key_unavailable", false],
    [new SealingError("not_authentic", "altered"), "internal", true],
    [new TypeError("x is not a function"), "internal", true],
    ["a thrown text", "internal", true],
    [undefined, "internal", true],
  ])("%s is %s, final: %s", (error, type, nonRetryable) =>
    expect(told(error)).toMatchObject({ type, nonRetryable }),
  );

  it("neither stack nor cause, and of a stranger's error not its words", () => {
    for (const error of [
      new TypeError("connect to canary.example", { cause: new Error("canary") }),
      Object.assign(new CodedError("internal"), { cause: new Error("canary") }),
    ]) {
      const failure = told(error);
      expect([failure.stack, failure.cause]).toEqual(["", undefined]);
      expect(JSON.stringify(failure) + failure.message).not.toContain("canary");
    }
    expect(told(new TypeError("canary")).message).toBe(factsOf("internal").title);
  });

  it("Microsoft's own name for it, where there is one", () => {
    const facts = { status: 403, reason: "Authorization_RequestDenied", correlationId: "c-1" };
    expect(told(new MicrosoftError("permission_denied", facts)).details).toEqual([
      { code: "Authorization_RequestDenied", correlationId: "c-1" },
    ]);
    expect(told(new CodedError("permission_denied")).details ?? []).toEqual([]);
  });
});

describe("what the database answered", () => {
  const day = 24 * 60 * minute;
  const of = (sqlstate: string, elapsedMs = 0, patience = {}) =>
    toApplicationFailure(
      new DatabaseError(sqlstate, undefined),
      { sameCauseMs: elapsedMs, elapsedMs },
      patience,
    );

  it.each([
    "42501",
    "42P01",
    "42703",
    "53100",
    "53300",
    "55P03",
    "57014",
    "28000",
    "3D000",
    "58030",
    "XX000",
    "25006",
  ])("%s delays, and operators are told", (sqlstate) =>
    expect(of(sqlstate)).toMatchObject({ type: "database_refused", nonRetryable: false }),
  );
  it.each(["08006", "40001", "40P01", "57P01", "57P03", "ECONNREFUSED", "no_answer", "no_place"])(
    "%s delays",
    (code) => expect(of(code)).toMatchObject({ type: "database_unavailable", nonRetryable: false }),
  );
  it.each(["22001", "22P05", "23505", "23514"])("%s is about the data, and final", (sqlstate) =>
    expect(of(sqlstate)).toMatchObject({ type: "internal", nonRetryable: true }),
  );
  it("a step is tried for a day, one that writes an outcome without end", () => {
    expect(of("42501", day).nonRetryable).toBe(true);
    const untilWritten = { database_refused: Infinity, database_unavailable: Infinity };
    expect(of("42501", 30 * day, untilWritten).nonRetryable).toBe(false);
    expect(of("08006", 30 * day, untilWritten).nonRetryable).toBe(false);
  });
});

describe("a permission that spreads slowly", () => {
  const failureAfter = (minutes: number, patience?: Patience) => {
    const { type, nonRetryable } = toApplicationFailure(
      new CodedError("permission_not_effective"),
      { sameCauseMs: minutes * minute, elapsedMs: minutes * minute },
      patience,
    );
    return { type, nonRetryable };
  };
  const passes = { type: "permission_not_effective", nonRetryable: false };
  const ends = { type: "permission_denied", nonRetryable: true };
  it("is called a refusal once its time is used up", () => {
    expect(failureAfter(2.9)).toEqual(passes);
    expect(failureAfter(3)).toEqual(ends);
  });
  it("has the time that its step gives it", () => {
    const patience = { permission_not_effective: 15 * minute };
    expect(failureAfter(14.9, patience)).toEqual(passes);
    expect(failureAfter(15, patience)).toEqual(ends);
  });
});
