import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditCsvHeader, auditCsvLine, auditEntry, type AuditRow } from "../../../src/domain/audit-entry.ts";

const row: AuditRow = {
  id: 7,
  at: new Date("2026-11-28T10:00:00Z"),
  actor: "user:usr_1",
  action: "suspended",
  projectId: "proj_1",
  orgId: "org_1",
  requestId: null,
  operationId: "op_1",
  connectionId: "sso_1",
  generation: 2,
  detail: { code: "x" },
};
/** Reads one line of RFC 4180. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/"((?:[^"]|"")*)"(?:,|\r\n)/g)].map(([, cell = ""]) => cell.replaceAll('""', '"'));

describe("a line of CSV", () => {
  it("has a cell for each name in the header", () => {
    expect(cellsOf(auditCsvLine(auditEntry(row, "owner")))).toEqual([
      "aud_7",
      "2026-11-28T10:00:00.000Z",
      "suspended",
      "user",
      "usr_1",
      "org_1",
      "proj_1",
      "sso_1",
      "",
      "op_1",
      "2",
      '{"code":"x"}',
    ]);
    expect(auditCsvHeader.split(",")).toHaveLength(12);
  });

  it.each([
    "=1+1",
    "+1",
    "-1",
    "@a",
    "|a",
    "%a",
    " =1",
    "\t=1",
    "\r=1",
    "\n",
    "\u00a0=1",
    "＝1",
    '=HYPERLINK("http://a")',
  ])("%j is no formula", (orgId) => {
    expect(cellsOf(auditCsvLine(auditEntry({ ...row, orgId }, "owner")))[5]).toBe(`'${orgId}`);
  });

  it("whatever an id holds, stays one line of twelve cells that begin harmlessly", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (orgId, actor) => {
        const cells = cellsOf(
          auditCsvLine(auditEntry({ ...row, orgId, actor: `user:${actor}` }, "operator")),
        );
        expect(cells).toHaveLength(12);
        for (const cell of cells) expect(cell).not.toMatch(/^\s*[=+\-@]/);
        expect([orgId, `'${orgId}`]).toContain(cells[5]);
      }),
    );
  });
});

describe("an owner", () => {
  it("is not told which operator acted, and why", () => {
    const operators = { ...row, actor: "operator:tess", detail: { reason: "ticket 7", code: "x" } };
    expect(auditEntry(operators, "owner")).toMatchObject({
      actor_type: "operator",
      actor_id: null,
      detail: { code: "x" },
    });
    expect(auditEntry(operators, "operator")).toMatchObject({
      actor_id: "tess",
      detail: { reason: "ticket 7" },
    });
  });
});
