// Shows that the suites see what they are there to see: plants one bug after the other into a copy of the sources and
// expects the named tests to fail. Exits 0 only if every bug is caught, and the unchanged copy passes.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { bugs } from "./planted-bugs.mjs";

const copy = mkdtempSync(path.join(os.tmpdir(), "prove-faults-"));
const pieces = [
  "src",
  "test",
  "docs",
  "vitest.config.ts",
  "tsconfig.json",
  "tsconfig.build.json",
  "package.json",
  "temporal-dev.yml",
];
for (const piece of pieces) cpSync(piece, path.join(copy, piece), { recursive: true });
symlinkSync(path.resolve("node_modules"), path.join(copy, "node_modules"));

/** True when the tests pass. */
function passes(tests) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.resolve("node_modules/vitest/vitest.mjs"), "run", ...tests],
    { cwd: copy, env: { ...process.env, NO_COLOR: "1" }, encoding: "utf8", timeout: 240_000 },
  );
  // Tests that a name did not match are skipped, which vitest counts as a pass.
  if (!/Tests +.*\d+ (passed|failed)/.test(stdout))
    throw new Error(`no such test: ${tests.join(" ")}\n${stdout}\n${stderr}`);
  return status === 0;
}

/** A part of a bug's name picks some of them. */
const [wanted = ""] = process.argv.slice(2);
const chosen = bugs.filter(({ name }) => name.includes(wanted));
const well = new Map();
/** Whether the tests pass without any bug; looked at once. */
function passUnchanged(tests) {
  const key = tests.join(" ");
  if (!well.has(key)) well.set(key, passes(tests));
  return well.get(key);
}

/** True when the tests see the bug. */
function isCaught({ name, file, find, plant, also = [], tests }) {
  const originals = new Map();
  for (const [before, after, where = file] of [[find, plant], ...also]) {
    const target = path.join(copy, where);
    const source = readFileSync(target, "utf8");
    if (!originals.has(target)) originals.set(target, source);
    if (!source.includes(before)) throw new Error(`${name}: ${where} has changed, the bug cannot be planted`);
    writeFileSync(target, source.replace(before, after));
  }
  try {
    return !passes(tests);
  } finally {
    for (const [target, original] of originals) writeFileSync(target, original);
  }
}

let missed = 0;
try {
  for (const bug of chosen) {
    const seen = passUnchanged(bug.tests) ? (isCaught(bug) ? "caught" : "MISSED") : "FAILS WITHOUT IT";
    if (seen !== "caught") missed += 1;
    process.stdout.write(`${seen}  ${bug.name}\n`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.stdout.write(`${chosen.length - missed} of ${chosen.length} planted bugs caught\n`);
process.exitCode = missed === 0 ? 0 : 1;
