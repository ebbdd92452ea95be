import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** The packages that a file of ours loads with itself, through its own. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return new Set();
  seen.add(file);
  const source = readFileSync(file, "utf8");
  const names = [...source.matchAll(/^(?:import|export) (?!type )(?:[^;"]* from )?"([^"]+)";$/gm)].map(
    ([, name = ""]) => name,
  );
  return new Set(
    names.flatMap((name) =>
      name.startsWith(".") ? [...packagesOf(path.resolve(path.dirname(file), name), seen)] : [name],
    ),
  );
}

describe("a command answers at once", () => {
  it.each(["list", "show", "connections", "events", "pause", "orders"])(
    "%s loads neither schemas nor Temporal before it asks for them",
    (name) => {
      const packages = packagesOf(path.join(root, `src/cli/operators/${name}.ts`));
      expect(packages).toContain("drizzle-orm");
      expect([...packages].filter((one) => /^zod$|^jose$|^openid-client$|^@temporalio\//.test(one))).toEqual(
        [],
      );
    },
  );
});
