import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

interface LockEntry {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: true;
  readonly engines?: { readonly node?: string };
}
interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(path.resolve(import.meta.dirname, "../..", name), "utf8"));
const manifest = read("package.json") as Manifest;
const { packages } = read("package-lock.json") as { packages: Record<string, LockEntry> };
const { "": root, ...installed } = packages as typeof packages & { "": Manifest };
const wanted = { ...manifest.dependencies, ...manifest.devDependencies };

/** The oldest Node that we promise, and the newest that CI runs. */
const versions = ["20.19.0", "24.0.0"];

/** Does an `engines` range admit a version? Knows the forms that lockfiles hold: `^1.2`, `>=1.2.3`, `1.*`, `||`. */
function admits(range: string, version: string): boolean {
  const given = version.split(".").map(Number);
  return range.split("||").some((alternative) => {
    const [, operator, text] = /^\s*(\^|>=)?\s*([\d.x*]+)\s*$/.exec(alternative) ?? [];
    if (text === undefined) throw new Error(`a range of an unknown form: ${range}`);
    const parts = text.split(".").filter((part) => /^\d+$/.test(part));
    const bounds = parts.map(Number);
    if (operator === undefined) return bounds.every((bound, at) => bound === given[at]);
    const differs = bounds.findIndex((bound, at) => bound !== given[at]);
    const isAtLeast = differs === -1 || (given[differs] ?? 0) > (bounds[differs] ?? 0);
    return isAtLeast && (operator === ">=" || bounds[0] === given[0]);
  });
}

describe("the lockfile", () => {
  it("holds a SHA-512 of every package, those of other platforms too", () => {
    expect(Object.keys(installed).length).toBeGreaterThan(300);
    const unchecked = Object.entries(installed).filter(
      ([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""),
    );
    expect(unchecked.map(([where]) => where)).toEqual([]);
  });

  it("names no registry, no folder and no repository to install from", () => {
    const elsewhere = Object.entries(installed).filter(([, one]) => one.resolved !== undefined || one.link);
    expect(elsewhere.map(([where]) => where)).toEqual([]);
  });

  it("is of this package.json, whose versions are exact", () => {
    expect({ ...root.dependencies, ...root.devDependencies }).toEqual(wanted);
    const inexact = Object.entries(wanted).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(inexact).toEqual([]);
    for (const [name, version] of Object.entries(wanted))
      expect(installed[`node_modules/${name}`]?.version, name).toBe(version);
  });

  it.each(versions)("holds only packages that run on Node %s", (version) => {
    const refusing = Object.entries(installed).filter(
      ([, { engines }]) => !admits(engines?.node ?? ">=0", version),
    );
    expect(refusing.map(([where, { engines }]) => `${where}: ${engines?.node}`)).toEqual([]);
  });
});
