import { readFileSync } from "node:fs";
import { getTableConfig } from "drizzle-orm/pg-core";
import { describe, expect, it } from "vitest";
import { tables } from "../../../src/db/schema-state.ts";

const statements = readFileSync(new URL("../../../src/db/grants.sql", import.meta.url), "utf8").split(";");
const rightsOn = (table: string): string[] =>
  statements.flatMap((statement) => {
    const [, rights = "", on = ""] =
      /grant ([a-z, ]+) on ([a-z_, ]+) to authio_runtime/.exec(statement) ?? [];
    return on.split(", ").includes(table) ? rights.split(", ") : [];
  });

describe("the grants", () => {
  it.each(tables.map((table) => getTableConfig(table).name))("name %s", (table) => {
    expect(rightsOn(table)).toEqual(expect.arrayContaining(["select", "insert"]));
    expect(statements.find((statement) => statement.includes("revoke all on"))).toContain(table);
  });

  it("let audit events be read and added, and no more", () => {
    expect(rightsOn("audit_events")).toEqual(["select", "insert"]);
  });
});
