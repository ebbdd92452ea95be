import { expect, it } from "vitest";
import { readGivenTime } from "../../../src/domain/given-time.ts";

it.each([
  ["2026-11-28", "2026-11-28T00:00:00.000Z"],
  ["2024-02-29", "2024-02-29T00:00:00.000Z"],
  ["2026-11-28T12:00Z", "2026-11-28T12:00:00.000Z"],
  ["2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00.000Z"],
  ["2026-11-28T12:00:00.1234567Z", "2026-11-28T12:00:00.123Z"],
  ["0001-01-01", "0001-01-01T00:00:00.000Z"],
  ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
])("%s is a time", (text, time) => {
  expect(readGivenTime(text)?.toISOString()).toBe(time);
});

it.each([
  ["a time of whatever zone the machine has", "2026-11-28T12:00:00"],
  ["the year 0", "0000-12-31"],
  ["the year 0, by its offset", "0001-01-01T00:00:00+00:01"],
  ["the year 10000, by its offset", "9999-12-31T23:59:59-00:01"],
  ["no leap year", "2026-02-29"],
  ["the 30th of February at noon", "2026-02-30T12:00:00Z"],
  ["a 13th month", "2026-13-01"],
  ["a number", "5"],
  ["words", "yesterday"],
  ["nothing", ""],
])("%s is none", (_what, text) => {
  expect(readGivenTime(text)).toBeUndefined();
});
