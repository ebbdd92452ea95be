import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

export const compiler = "node_modules/typescript/bin/tsc";
const bundleFile = "dist/workflow-bundle.js";
const noteFile = "dist/.compiled-from";
/** Beside src: what decides how it is compiled. */
const others = ["package-lock.json", "tsconfig.json", "tsconfig.build.json", "scripts/copy-assets.mjs"];

/** Of the names and contents of everything that dist is made from; about 30 ms. */
function digest() {
  const hash = createHash("sha256");
  const files = readdirSync("src", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of [...files.toSorted(), ...others]) {
    const content = readFileSync(file);
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

/** Whether dist was compiled from src as it is now. The time of a file says nothing: git sets it at each checkout. */
export function isCompiled() {
  return (
    existsSync("dist/cli/main.js") &&
    existsSync(noteFile) &&
    readFileSync(noteFile, "utf8").trim() === digest()
  );
}

/** In a line; tsc has one for each file. */
function requireFolder() {
  try {
    mkdirSync("dist", { recursive: true });
    accessSync("dist", constants.W_OK);
  } catch ({ code }) {
    process.stderr.write(
      `${path.resolve("dist")} cannot be written (${code}): run this in a folder of your own.\n`,
    );
    process.exit(1);
  }
}

/**
 * Compiles src with what tsc does not carry, and bundles the workflows if wanted; what is there already stays.
 * @param run runs a script of Node's with its arguments, and does not come back where that fails
 */
export async function compile(run, wantsBundle) {
  const isFresh = isCompiled();
  if (isFresh && (!wantsBundle || existsSync(bundleFile))) return;
  requireFolder();
  if (!isFresh) {
    // Whoever is stopped half-way leaves no bundle of other sources behind.
    rmSync(bundleFile, { force: true });
    // Unchanged sources are not written again.
    const note = ["--incremental", "--tsBuildInfoFile", "dist/.tsbuildinfo"];
    await run(compiler, "-p", "tsconfig.build.json", ...note);
    await run("scripts/copy-assets.mjs");
    writeFileSync(noteFile, `${digest()}\n`);
  }
  if (wantsBundle && !existsSync(bundleFile)) await run("dist/cli/main.js", "bundle");
}
