import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { factsOfKind, operationKinds } from "../../../src/domain/operation-kinds.ts";
import * as workflows from "../../../src/workflows/index.ts";

const migration = readFileSync(
  path.join(import.meta.dirname, "../../../src/db/migrations/0000_schema.sql"),
  "utf8",
);

describe("the table of kinds and what must know it", () => {
  it.each(operationKinds)("the worker has the workflow of %s", (kind) => {
    expect(Object.keys(workflows)).toContain(factsOfKind(kind).workflowType);
  });

  it("the database takes these kinds and no other", () => {
    const [, list = ""] = /CONSTRAINT "kind_known" CHECK \(.+? in \((.+?)\)\)/.exec(migration) ?? [];
    expect([...list.matchAll(/'(\w+)'/g)].map(([, kind]) => kind)).toEqual([...operationKinds]);
  });

  it("no two kinds share a workflow or the beginning of its ids", () => {
    for (const fact of ["workflowType", "workflowIdPrefix", "verb", "done"] as const)
      expect(new Set(operationKinds.map((kind) => factsOfKind(kind)[fact])).size).toBe(operationKinds.length);
  });
});
