import { cleanDisplay } from "../../domain/text.ts";

const cellUnitsMax = 120;

/** Rows under a header, each column as wide as its widest cell. Cells hold nothing that a terminal obeys. */
export function tableLines(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [header, ...rows.map((row) => row.map((cell) => cleanDisplay(cell, cellUnitsMax)))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
