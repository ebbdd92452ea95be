import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { attentionCodes } from "../../../src/domain/attention.ts";

it("docs/events.md has a row for each reason, in the table's order", () => {
  const document = readFileSync(new URL("../../../docs/events.md", import.meta.url), "utf8");
  const [, health = ""] = document.split("\n## Health\n");
  const rows = [...(health.split("\n## ")[0] ?? "").matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);
  expect(rows).toEqual([...attentionCodes]);
});
