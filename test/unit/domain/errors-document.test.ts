import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { errorCodes } from "../../../src/domain/error-codes.ts";
import { errorsDocument } from "../../../src/domain/errors-document.ts";

it("docs/errors.md says what the table says (npm run docs:errors)", () => {
  expect(readFileSync("docs/errors.md", "utf8")).toBe(errorsDocument(errorCodes));
});
