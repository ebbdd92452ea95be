import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const modulesIn = (file: string): string[] => [
  ...new Set(
    [...readFileSync(path.join(root, file), "utf8").matchAll(/[`"](oidcc-(?!basic)[\w-]+)[`"]/g)].map(
      (match) => match[1] ?? "",
    ),
  ),
];

it("docs/openid-conformance.md has a row for each test, and each row a test", () => {
  const rows = modulesIn("docs/openid-conformance.md");
  expect(rows.length).toBeGreaterThan(35);
  expect(rows.toSorted()).toEqual(modulesIn("test/e2e/openid-basic-profile.test.ts").toSorted());
});
