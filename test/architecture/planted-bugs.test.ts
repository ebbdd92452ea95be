import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** As `scripts/planted-bugs.mjs` describes it. */
interface Bug {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly plant: string;
  readonly also?: readonly (readonly [find: string, plant: string, file?: string])[];
  readonly tests: readonly string[];
}
const { bugs } = (await import(path.join(root, "scripts/planted-bugs.mjs"))) as { bugs: readonly Bug[] };

const read = (file: string): string =>
  existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), "utf8") : "";

/** What keeps a bug from being planted, or its tests from being run. */
function obstacles({ file, find, plant, also = [], tests }: Bug): string[] {
  const pairs = [[find, plant, file] as const, ...also];
  const suite = tests.find((one) => one.endsWith(".test.ts")) ?? "";
  return [
    ...pairs.flatMap(([before, after, where = file]) => {
      const found = read(where).split(before).length - 1;
      if (before === after) return [`${where}: nothing is changed`];
      return found === 1 ? [] : [`${where}: the text is there ${found} times: ${before.trim()}`];
    }),
    ...(suite !== "" && read(suite) === "" ? [`${suite}: no such file`] : []),
    // A test of the fault families is named by the case that it is given.
    ...(tests.includes("e2e") && tests.includes("-t") && !read(suite).includes(tests.at(-1) ?? "")
      ? [`${suite}: no test is named "${tests.at(-1)}"`]
      : []),
  ];
}

describe("the planted bugs", () => {
  it("each finds its text once, and its tests", () => {
    expect(bugs.length).toBeGreaterThan(50);
    for (const bug of bugs) expect(obstacles(bug), bug.name).toEqual([]);
  });

  it("have a name each", () => {
    expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length);
  });

  it("a text that is gone, one that stands twice, no change, a lost file and a lost title are seen", () => {
    const planted: Bug = {
      name: "planted",
      file: "tsconfig.json",
      find: "gone",
      plant: "",
      also: [
        ['"noUnused', "twice"],
        ['"strict"', '"strict"'],
      ],
      tests: ["--project", "e2e", "test/e2e/gone.test.ts", "-t", "nowhere"],
    };
    expect(obstacles(planted)).toEqual([
      "tsconfig.json: the text is there 0 times: gone",
      'tsconfig.json: the text is there 2 times: "noUnused',
      "tsconfig.json: nothing is changed",
      "test/e2e/gone.test.ts: no such file",
      'test/e2e/gone.test.ts: no test is named "nowhere"',
    ]);
  });
});
