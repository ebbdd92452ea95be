import { expect, it } from "vitest";
import { isOwnCredentialRefused } from "../../../src/entra/own-credential.ts";
import { toTokenError } from "../../../src/entra/judge-answer.ts";

const refusal = (aadsts: number | undefined) =>
  toTokenError({
    status: 401,
    headers: new Headers(),
    retryAfterMs: undefined,
    json: {
      error: "invalid_client",
      ...(aadsts === undefined
        ? {}
        : { error_codes: [aadsts], error_description: `AADSTS${aadsts}: No. Trace ID: 1` }),
    },
  });

it.each([
  [7_000_215, true],
  [7_000_222, true],
  // The tenant has no service principal of ours: its own matter.
  [7_000_229, false],
  // A number that nobody knows, and none at all: the word has causes in one tenant only.
  [7_999_999, false],
  [undefined, false],
])("invalid_client with %s is of our credential everywhere: %s", (aadsts, isOurs) => {
  expect(isOwnCredentialRefused(refusal(aadsts))).toBe(isOurs);
});

it("no other error is", () => expect(isOwnCredentialRefused(new Error("AADSTS7000215"))).toBe(false));
