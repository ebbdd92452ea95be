import { expect, it } from "vitest";
import type { ErrorCode } from "../../../src/domain/error-codes.ts";
import { isCountedFailure } from "../../../src/domain/sign-in-failures.ts";

it.each<[ErrorCode, boolean]>([
  ["signin_guest_refused", true],
  ["signin_secret_refused", true],
  ["signin_other_person", false],
  ["signin_state_invalid", false],
  ["signin_suspended", false],
  ["too_many_refused_codes", false],
])("%s says something about the connection: %s", (code, expected) => {
  expect(isCountedFailure(code)).toBe(expected);
});
