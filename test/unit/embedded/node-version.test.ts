import path from "node:path";
import { expect, it } from "vitest";

const { oldNodeLine } = (await import(path.resolve("scripts/node-version.mjs"))) as {
  oldNodeLine: (version?: string) => string | undefined;
};

it.each(["9.11.2", "18.20.8", "20.5.0", "20.18.3"])("Node %s is told what is needed", (version) => {
  expect(oldNodeLine(version)).toContain(`This needs Node 20.19.0 or newer; it runs on ${version}.`);
});

it.each([undefined, "20.19.0", "20.20.2", "22.0.0", "100.1.0"])("Node %s is new enough", (version) => {
  expect(oldNodeLine(version)).toBeUndefined();
});
