// Compiles src to dist unless dist is what src gives already: npm run compile. With --bundle the workflows are bundled too.
import { spawnSync } from "node:child_process";
import { compile } from "./compiled.mjs";
import { unfitLine } from "./unfit.mjs";

const unfit = unfitLine();
if (unfit !== undefined) {
  process.stderr.write(`${unfit}\n`);
  process.exit(1);
}
await compile((...words) => {
  const { status } = spawnSync(process.execPath, words, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}, process.argv.includes("--bundle"));
