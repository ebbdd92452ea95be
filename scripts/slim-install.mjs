// Removes from an install what cannot run on this machine: Temporal's native library for other platforms, the source that
// it was compiled from, OpenTelemetry's forms for bundlers, and the notes of what was compiled. Saves more than half of the image.
import { readdirSync, rmSync } from "node:fs";
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
for (const note of [".tsbuildinfo", ".compiled-from"]) remove(`dist/${note}`);
