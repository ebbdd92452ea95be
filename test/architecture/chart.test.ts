import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

// What can be said of the chart without Helm; `npm run check:chart` renders it.

const root = path.resolve(import.meta.dirname, "../..");
const chart = path.join(root, "ops/helm/one-click-microsoft");
const read = (name: string): string => readFileSync(path.join(chart, name), "utf8");
const yaml = (name: string): Record<string, unknown> => parse(read(name)) as Record<string, unknown>;
const templates = readdirSync(path.join(chart, "templates")).map((name) => read(`templates/${name}`));
const settings = readFileSync(path.join(root, ".env.example"), "utf8");

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
}
const schema = JSON.parse(read("values.schema.json")) as Schema;
const resolved = (one: Schema): Schema =>
  one.$ref === undefined ? one : (schema.definitions?.[one.$ref.split("/").at(-1) ?? ""] ?? one);

/** Keys of values that the schema does not name, where it names keys. */
function unknownKeys(value: unknown, of: Schema, where = ""): string[] {
  const { properties } = resolved(of);
  if (properties === undefined || where === ".settings" || typeof value !== "object" || value === null)
    return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const known = properties[key];
    return known === undefined ? [`${where}.${key}`] : unknownKeys(inner, known, `${where}.${key}`);
  });
}

/** Values that a template asks for and values.yaml does not show. */
function unshown(template: string): string[] {
  return [...template.matchAll(/\.Values((?:\.\w+)+)/g)].flatMap(([, dotted = ""]) => {
    let at: unknown = yaml("values.yaml");
    for (const key of dotted.slice(1).split(".")) at = (at as Record<string, unknown> | undefined)?.[key];
    return at === undefined ? [dotted] : [];
  });
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;
/** 0 where each block of a template is closed. */
const openBlocks = (text: string): number =>
  count(text, /\{\{-? *(?:if|range|with|define) /g) - count(text, /\{\{-? *end *-?\}\}/g);

describe("the Helm chart", () => {
  it("is of the product's version", () => {
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
      version: string;
    };
    expect(yaml("Chart.yaml")).toMatchObject({ appVersion: version, name: "one-click-microsoft" });
  });

  it("has values that its schema knows, and sets variables that the product reads", () => {
    for (const name of ["values.yaml", "ci/minimal-values.yaml", "ci/full-values.yaml"]) {
      const values = yaml(name);
      expect(unknownKeys(values, schema), name).toEqual([]);
      const secrets = Object.values((values["secrets"] ?? {}) as Record<string, { keys: string[] }>);
      for (const variable of [
        ...Object.keys(values["settings"] ?? {}),
        ...secrets.flatMap(({ keys }) => keys),
      ])
        expect(settings, variable).toMatch(new RegExp(`^#?${variable}=`, "m"));
    }
    expect(unknownKeys({ api: { replica: 3 } }, schema)).toEqual([".api.replica"]);
  });

  it("has templates that are whole and ask for values that are shown", () => {
    expect(templates.length).toBeGreaterThan(4);
    for (const template of templates) {
      expect(openBlocks(template)).toBe(0);
      expect(count(template, /\{\{/g)).toBe(count(template, /\}\}/g));
      expect(unshown(template)).toEqual([]);
    }
    expect(unshown("{{ .Values.api.replica }}")).toEqual([".api.replica"]);
    expect(openBlocks("{{- if .Values.x }}")).toBe(1);
  });
});
