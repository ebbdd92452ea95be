import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** What the table of docs/reliability.md says of a family; undefined where it has no such row. */
function documentedCases(family: string): number | undefined {
  const document = readFileSync(new URL("../../../docs/reliability.md", import.meta.url), "utf8");
  const rows = document.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const row = rows.find(([, name, file]) => name === family && file?.startsWith("`test/faults/"));
  return row && Number(row[3]);
}

/** The document's number is the number of cases that the code makes. */
export function itHasDocumentedCases(family: string, count: number): void {
  it(`docs/reliability.md says how many cases of "${family}" there are`, () => {
    expect(documentedCases(family)).toBe(count);
  });
}
