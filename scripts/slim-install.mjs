// Removes from an install what cannot run on this machine: Temporal's native library for other platforms, the source that
// it was compiled from, OpenTelemetry's forms for bundlers, the ways into Drizzle that nobody takes, and the notes of what was
// compiled. Saves more than half of the image.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const bridge = "node_modules/@temporalio/core-bridge";
const cpu = { x64: "x86_64", arm64: "aarch64" }[process.arch] ?? process.arch;
const releases = readdirSync(path.join(bridge, "releases"));
const own = releases.filter((name) => name.startsWith(cpu) && name.includes(process.platform));
if (own.length === 0) throw new Error(`Temporal has no library for ${process.platform} ${process.arch}`);
const remove = (name) => rmSync(name, { recursive: true, force: true });
for (const name of releases) if (!own.includes(name)) remove(path.join(bridge, "releases", name));
for (const name of ["sdk-core", "src"]) remove(path.join(bridge, name));
// Node takes build/src; the others are for bundlers.
const telemetry = "node_modules/@opentelemetry";
for (const name of readdirSync(telemetry))
  for (const form of ["esm", "esnext"]) remove(path.join(telemetry, name, "build", form));
// Node 24 parses a package's list of entries anew for each of its modules: Drizzle's 447 cost each process 0.4 s of CPU.
const drizzle = "node_modules/drizzle-orm/package.json";
const manifest = JSON.parse(readFileSync(drizzle, "utf8"));
const modules = readdirSync("dist", { recursive: true }).filter((name) => name.endsWith(".js"));
const code = modules.map((name) => readFileSync(path.join("dist", name), "utf8")).join("\n");
const taken = new Set([...code.matchAll(/"drizzle-orm(\/[^"]+)?"/g)].map(([, entry = ""]) => `.${entry}`));
manifest.exports = Object.fromEntries(Object.entries(manifest.exports).filter(([name]) => taken.has(name)));
writeFileSync(drizzle, JSON.stringify(manifest));
for (const note of [".tsbuildinfo", ".compiled-from"]) remove(`dist/${note}`);
