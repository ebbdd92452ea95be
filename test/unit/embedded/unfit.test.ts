import path from "node:path";
import { expect, it } from "vitest";

const { oddFolderLine, oldNodeLine } = (await import(path.resolve("scripts/unfit.mjs"))) as {
  oddFolderLine: (folder?: string) => string | undefined;
  oldNodeLine: (version?: string) => string | undefined;
};

it.each(["9.11.2", "18.20.8", "20.5.0", "20.18.3"])("Node %s is told what is needed", (version) => {
  expect(oldNodeLine(version)).toContain(`This needs Node 20.19.0 or newer; it runs on ${version}.`);
});

it.each([undefined, "20.19.0", "20.20.2", "22.0.0", "100.1.0"])("Node %s is new enough", (version) => {
  expect(oldNodeLine(version)).toBeUndefined();
});

it.each(["/home/ada/wow!/demo", "/home/what?/demo", "/home/a*b/demo", "/home/a\\b/demo"])(
  "the folder %s is told to be none to compile in",
  (folder) => {
    expect(oddFolderLine(folder)).toMatch(/^The path \S+ holds [!?*\\], which .* move this folder/);
  },
);

it.each([undefined, "/home/ada/C# & (ü) [1] {2} 100%41 $x 'y'/demo"])("the folder %s is fit", (folder) => {
  expect(oddFolderLine(folder)).toBeUndefined();
});
