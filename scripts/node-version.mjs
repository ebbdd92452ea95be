import { readFileSync } from "node:fs";

/** What to say where this Node is older than package.json asks; undefined where it is not. Runs on any of them. */
export function oldNodeLine(version = process.versions.node) {
  const { engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const needed = engines.node.replace(">=", "");
  const [given, least] = [version, needed].map((text) => text.split(".").map(Number));
  const at = least.findIndex((part, index) => part !== given[index]);
  if (at === -1 || given[at] > least[at]) return undefined;
  return `This needs Node ${needed} or newer; it runs on ${version}. Install one from https://nodejs.org, then run npm ci again.`;
}
