import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** The tests that the last column of the document's tables names. */
function namedTests(document: string): string[] {
  return [...document.matchAll(/`((?:unit|e2e|faults|browser|launch|architecture)\/[\w/-]+)`/g)].map(
    (match) => match[1] ?? "",
  );
}

/** Names without a test file. */
const missing = (names: readonly string[]): string[] =>
  names.filter((name) => !existsSync(path.join(root, "test", `${name}.test.ts`)));

describe("docs/security.md", () => {
  const names = namedTests(readFileSync(path.join(root, "docs/security.md"), "utf8"));

  it("names tests that are there", () => {
    expect(names.length).toBeGreaterThan(40);
    expect(missing(names)).toEqual([]);
  });

  it("a name without its file is seen", () => {
    expect(missing(namedTests("| a threat | nothing | `e2e/planted` |"))).toEqual(["e2e/planted"]);
  });
});
