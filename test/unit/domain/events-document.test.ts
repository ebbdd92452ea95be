import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { attentionCodes } from "../../../src/domain/attention.ts";
import { eventNames } from "../../../src/domain/events.ts";

it.each([
  ["event", "Names", eventNames],
  ["reason", "Health", attentionCodes],
] as const)("docs/events.md has a row for each %s, in the table's order", (_what, title, known) => {
  const document = readFileSync(new URL("../../../docs/events.md", import.meta.url), "utf8");
  const [, section = ""] = document.split(`\n## ${title}\n`);
  const rows = [...(section.split("\n## ")[0] ?? "").matchAll(/^\| `([\w.]+)`/gm)].map(([, name]) => name);
  expect(rows).toEqual([...known]);
});
