// npm start and npm run demo: says first what can be said without compiling (ports, environment, another start), then
// compiles and goes on as dist/cli/main.js. One process, so that signals and the exit code are the product's own.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { compile, compiler, isCompiled } from "./compiled.mjs";
import { unfitLine } from "./unfit.mjs";

const [command, ...args] = process.argv.slice(2);
const say = (line) => void process.stdout.write(`${line}\n`);
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

function stop(line) {
  say(line);
  process.exit(1);
}

let child;
function onSignal() {
  child?.kill();
  process.exit(command === "start" ? 0 : 130);
}
for (const signal of signals) process.on(signal, onSignal);

/** Runs a script of Node's; ends this process with its exit code if that is not 0. */
async function run(...words) {
  child = spawn(process.execPath, words, { stdio: "inherit" });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  child = undefined;
  if (code !== 0) process.exit(code ?? 1);
}

async function loadPreflight() {
  if (isCompiled()) return import("../dist/embedded/preflight/preflight.js");
  // In a folder of its own: another start may be reading dist.
  const folder = newFolder();
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
  await run(compiler, "-p", "tsconfig.preflight.json", "--outDir", folder);
  const preflight = await import(pathToFileURL(path.join(folder, "embedded/preflight/preflight.js")).href);
  remove();
  return preflight;
}

function newFolder() {
  try {
    return mkdtempSync(path.join(os.tmpdir(), "authio-preflight-"));
  } catch (error) {
    return stop(`${os.tmpdir()} takes no files (${error.code}): set TMPDIR to a folder that does.`);
  }
}

async function check() {
  const { checkDemo, checkStart } = await loadPreflight();
  return (command === "start" ? checkStart : checkDemo)({ args, environment: process.env, tell: say });
}

const unfit = unfitLine();
if (unfit !== undefined) stop(unfit);
process.chdir(path.dirname(import.meta.dirname));
if (!existsSync(compiler)) stop("The packages are not installed: run npm ci first.");
const checked = await check();
if (checked.kind === "stop") {
  say(checked.line);
  process.exit(checked.exitCode);
}
await compile(run, true);
for (const signal of signals) process.off(signal, onSignal);
await import("../dist/cli/main.js");
