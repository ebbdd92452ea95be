import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { loadClientConnectConfig } from "@temporalio/envconfig";
import { describe, expect, it } from "vitest";
import { loadApiConfig, loadWorkerConfig } from "../../../src/config/load-config.ts";
import { loadServiceConfig } from "../../../src/config/load-service-config.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const example = readFileSync(path.join(root, ".env.example"), "utf8");

interface Entry {
  readonly name: string;
  readonly value: string;
  /** True where the line begins with #: what it shows is the default. */
  readonly isDefault: boolean;
  readonly hasMeaning: boolean;
}

function entriesOf(text: string): Entry[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const [, mark, name, value] = /^(#?)([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    const hasMeaning = /^# \S.{9,}\.$/.test(lines[index - 1] ?? "");
    return [{ name, value, isDefault: mark === "#", hasMeaning }];
  });
}

/** Read by Temporal's library: where a person's own profiles are, and a codec, which this product does not use. */
const notOurs = /^(HOME|XDG_CONFIG_HOME|USERPROFILE|APPDATA|TEMPORAL_CODEC_.*)$/;

/** Set where the example leaves a place to fill in, so that everything is read. */
const filled: Readonly<Record<string, string>> = {
  AUTHIO_MS_PROVISION_CLIENT_ID: "11111111-2222-3333-4444-555555555555",
  AUTHIO_MS_PROVISION_CLIENT_SECRET: "secret",
  AUTHIO_IMPORT_CREDS_KEY: randomBytes(32).toString("base64"),
};

/** What every loader asks for, and what is named in src/config, so that one that is asked for at times counts too. */
function namesRead(): Set<string> {
  const read = new Set<string>();
  const watched = new Proxy(settingsOf(entriesOf(example), "set"), {
    get(target, name: string) {
      read.add(name);
      return target[name];
    },
  });
  for (const load of [loadServiceConfig, loadApiConfig, loadWorkerConfig]) load(watched);
  // Without HOME there is no file of profiles to find.
  loadClientConnectConfig({ overrideEnvVars: watched });
  for (const file of readdirSync(path.join(root, "src/config")))
    for (const [, name] of readFileSync(path.join(root, "src/config", file), "utf8").matchAll(
      /"((?:AUTHIO|OTEL)_[A-Z0-9_]+)"/g,
    ))
      read.add(name ?? "");
  const names = [...read].filter((name) => /^[A-Z][A-Z0-9_]+$/.test(name) && !notOurs.test(name));
  return new Set(names.filter((name) => !(name.endsWith("_FILE") && read.has(name.slice(0, -5)))));
}

function settingsOf(entries: readonly Entry[], which: "set" | "with_defaults"): Record<string, string> {
  const shown = entries.filter(
    ({ isDefault, name }) => !isDefault || (which === "with_defaults" && !name.startsWith("TEMPORAL_")),
  );
  return { ...Object.fromEntries(shown.map(({ name, value }) => [name, value])), ...filled };
}

/** What is wrong between an example and the names that the code reads. */
function differences(entries: readonly Entry[], read: ReadonlySet<string>): string[] {
  const shown = new Set(entries.map(({ name }) => name));
  return [
    ...[...read].filter((name) => !shown.has(name)).map((name) => `${name} is read: add it to .env.example`),
    ...[...shown].filter((name) => !read.has(name)).map((name) => `${name} is shown and nobody reads it`),
    ...entries.filter(({ hasMeaning }) => !hasMeaning).map(({ name }) => `${name} needs a line of meaning`),
  ];
}

describe(".env.example", () => {
  const entries = entriesOf(example);

  it("shows every variable that the code reads, each once with its meaning, and nothing else", () => {
    expect(differences(entries, namesRead())).toEqual([]);
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  });

  it("shows the defaults that the code has", () => {
    const withDefaults = settingsOf(entries, "with_defaults");
    expect(Object.keys(withDefaults).length).toBeGreaterThan(30);
    for (const load of [loadServiceConfig, loadApiConfig, loadWorkerConfig]) {
      const plain: unknown = load(settingsOf(entries, "set"));
      expect(load(withDefaults)).toEqual(plain);
    }
  });

  it("a planted extra, a missing one and one without meaning are seen", () => {
    const planted = entriesOf(`${example.replace(/^#PORT=.*$/m, "")}\n\nAUTHIO_PLANTED=1\n`);
    expect(differences(planted, namesRead())).toEqual([
      "PORT is read: add it to .env.example",
      "AUTHIO_PLANTED is shown and nobody reads it",
      "AUTHIO_PLANTED needs a line of meaning",
    ]);
    const wrong = entriesOf(example.replace("#PORT=3000", "#PORT=3001"));
    expect(loadApiConfig(settingsOf(wrong, "with_defaults")).port).toBe(3001);
  });
});
