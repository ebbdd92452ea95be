import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/operators/commands.ts";
import { isErrorCode } from "../../src/domain/error-codes.ts";

const root = path.resolve(import.meta.dirname, "../..");
const read = (name: string): string => readFileSync(path.join(root, name), "utf8");

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
const anchorsOf = (document: string): Set<string> =>
  new Set([...document.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading)));

/** Links into this or another page that lead nowhere. */
function brokenLinks(page: string, text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].flatMap(
    ([link, file = "", anchor]) => {
      const target = file === "" ? page : path.join(path.dirname(page), file);
      if (!existsSync(path.join(root, target))) return [link];
      const document = file === "" ? text : read(target);
      return anchor === undefined || anchorsOf(document).has(anchor) ? [] : [link];
    },
  );
}

/** Codes of ours that are none any more: words with an underscore that stand alone in code marks. */
const unknownCodes = (text: string): string[] =>
  [
    ...text.matchAll(
      /`((?:microsoft|consent|signin|provisioning|sealing|database|secrets?|permission)_\w+)`/g,
    ),
  ]
    .map(([, code = ""]) => code)
    .filter((code) => !isErrorCode(code));

/** Commands that the CLI does not know. */
const unknownCommands = (text: string): string[] =>
  [...text.matchAll(/ms-provision (?:-- )?([a-z]+)\b/g)]
    .map(([, name = ""]) => name)
    .filter((name) => !Object.hasOwn(commands, name) && name !== "init");

const withoutUse = /`ms-provision` stands|provision --help/;

describe.each(["docs/runbook.md", "docs/deploy.md", "docs/operations.md"])("%s", (page) => {
  const text = read(page)
    .split("\n")
    .filter((line) => !withoutUse.test(line))
    .join("\n");

  it("links to what is there, and names codes and commands that exist", () => {
    expect(brokenLinks(page, text)).toEqual([]);
    expect(unknownCodes(text)).toEqual([]);
    expect(unknownCommands(text)).toEqual([]);
  });
});

describe("docs/runbook.md", () => {
  const sections = read("docs/runbook.md")
    .split(/^#{2,3} /m)
    .slice(1);

  it("says in each section what to see, do, leave and tell", () => {
    const [leaks] = sections.flatMap((one, index) => (one.startsWith("Leaks") ? [index] : []));
    expect(leaks).toBeGreaterThan(12);
    for (const section of sections.slice(0, leaks)) {
      const heading = section.split("\n")[0];
      for (const part of ["**See**", "**Do**", "**Do not**", "**Tell the customer**"])
        expect(section, `${heading}: ${part}`).toContain(part);
    }
    for (const section of sections.slice((leaks ?? 0) + 1))
      for (const part of ["**Do**", "**Do not**"]) expect(section, section.slice(0, 40)).toContain(part);
  });

  it("has a section for each alert", () => {
    const alerts = existsSync(path.join(root, "ops/alerts.yml")) ? read("ops/alerts.yml") : "";
    const linked = [...alerts.matchAll(/docs\/runbook\.md#([\w-]+)/g)].map(([, anchor = ""]) => anchor);
    const anchors = anchorsOf(read("docs/runbook.md"));
    expect(linked.filter((anchor) => !anchors.has(anchor))).toEqual([]);
  });

  it("a dead link, an old code and an unknown command are seen", () => {
    expect(brokenLinks("docs/runbook.md", "[x](#nowhere) [y](nowhere.md) [z](errors.md)")).toEqual([
      "](#nowhere)",
      "](nowhere.md)",
    ]);
    expect(unknownCodes("`signin_nonsense` and `signin_suspended`")).toEqual(["signin_nonsense"]);
    expect(unknownCommands("`ms-provision dance` and `ms-provision list`")).toEqual(["dance"]);
  });
});
