// A registry mirror may lack the binaries of platforms that nobody here uses; npm then leaves them out of the lockfile,
// and `npm ci` refuses it everywhere. This adds them by name, version and platform: npm skips them where they do not
// fit and fetches them where they do. Run after `npm install`: node scripts/complete-lockfile.mjs
import { readFileSync, writeFileSync } from "node:fs";

const file = "package-lock.json";
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = [
  "android",
  "darwin",
  "freebsd",
  "linux",
  "openharmony",
  "win32",
  "windows",
  "aix",
  "netbsd",
  "openbsd",
  "sunos",
];
const processors = ["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x", "loong64", "mips64el"];

let added = 0;
for (const [where, entry] of Object.entries(lock.packages)) {
  if (where === "") continue;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${where}/node_modules/${name}`;
    const top = `node_modules/${name}`;
    if (lock.packages[nested] || lock.packages[top]) continue;
    const words = name.split(/[/-]/);
    const os = systems
      .filter((system) => words.includes(system))
      .map((system) => (system === "windows" ? "win32" : system));
    const cpu = processors.filter((processor) => words.includes(processor));
    if (os.length === 0) continue;
    const libc = words.some((word) => word.startsWith("musl"))
      ? ["musl"]
      : words.includes("gnu")
        ? ["glibc"]
        : undefined;
    lock.packages[top] = {
      version: version.replace(/^[\^~]/, ""),
      ...(cpu.length > 0 ? { cpu } : {}),
      ...(entry.dev ? { dev: true } : {}),
      ...(libc && os.includes("linux") ? { libc } : {}),
      optional: true,
      os,
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} platform packages added\n`);
