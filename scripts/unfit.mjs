import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Why nothing can be compiled here, in a line; undefined where it can. Runs on any Node. */
export function unfitLine() {
  return oldNodeLine() ?? oddFolderLine();
}

/** Where Node is older than package.json asks. */
export function oldNodeLine(version = process.versions.node) {
  const { engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const needed = engines.node.replace(">=", "");
  const [given, least] = [version, needed].map((text) => text.split(".").map(Number));
  const at = least.findIndex((part, index) => part !== given[index]);
  if (at === -1 || given[at] > least[at]) return undefined;
  return `This needs Node ${needed} or newer; it runs on ${version}. Install one from https://nodejs.org, then run npm ci again.`;
}

/** TypeScript takes `*` and a backslash in a path for signs of its own, webpack, which bundles the workflows, `!` and `?`. */
export function oddFolderLine(folder = path.dirname(path.dirname(fileURLToPath(import.meta.url)))) {
  const [sign] = /[!?*]/.exec(folder) ?? (path.sep === "/" ? (/\\/.exec(folder) ?? []) : []);
  if (sign === undefined) return undefined;
  return `The path ${folder} holds ${sign}, which the compilers cannot take: move this folder to a path without it.`;
}
