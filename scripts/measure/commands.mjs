import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../../dist/embedded/free-port.js";
import { finishClick, newClicker, proveClick } from "./click.mjs";
import { median, spread, timed } from "./statistics.mjs";
import { printTable } from "./table.mjs";

const main = "dist/cli/main.js";
const portVariables = ["PORT", "SIMULATOR_PORT", "TEMPORAL_PORT", "TEMPORAL_UI_PORT", "SAMPLE_PORT"];

/** A second `npm start` until it prints its links (the first one compiles and makes the data folder), and commands of operators. */
export async function measureCommands(stack, repeats) {
  const starts = [];
  for (let run = -1; run < repeats; run += 1) {
    const ms = await npmStartMs();
    if (run >= 0) starts.push(ms);
  }
  printTable("Second npm start until the links, p50 / p95 in ms", [["npm start"], [spread(starts)]]);
  const [{ id }] = await stack.sql`
    select id from ms_provision_requests where operation_id is not null limit 1`.then((rows) =>
    rows.length > 0 ? rows : oneClick(stack),
  );
  const commands = {
    "node -e 0": ["-e", "0"],
    "--help": [main, "ms-provision", "--help"],
    list: [main, "ms-provision", "list"],
    "show ID": [main, "ms-provision", "show", id],
    doctor: [main, "ms-provision", "doctor"],
  };
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let run = 0; run < repeats * 2; run += 1)
    for (const [name, words] of Object.entries(commands))
      times[name].push((await timed(() => runNode(words, stack.environment))).ms);
  printTable("One command in ms, by turns", [
    ["command", "p50 / p95", "fastest", "beside node -e 0"],
    ...Object.entries(times).map(([name, of]) => [
      name,
      spread(of),
      Math.round(Math.min(...of)),
      `${(median(of) / median(times["node -e 0"])).toFixed(1)} ×`,
    ]),
  ]);
}

async function oneClick(stack) {
  const clicker = await newClicker(stack);
  const { id, leg2 } = await proveClick(stack, clicker);
  await finishClick(clicker, leg2);
  return [{ id }];
}

async function npmStartMs() {
  const ports = {};
  for (const name of portVariables) ports[name] = String(await freePort());
  const { DATABASE_URL: _database, TEMPORAL_ADDRESS: _temporal, ...environment } = process.env;
  const begunMs = performance.now();
  const child = spawn("npm", ["start"], {
    env: { ...environment, ...ports },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  try {
    let output = "";
    for await (const text of child.stdout.setEncoding("utf8")) {
      output += text;
      if (output.includes("Ctrl-C stops everything")) return performance.now() - begunMs;
    }
    throw new Error(`npm start ended before its links:\n${output}`);
  } finally {
    // As Ctrl-C does it: the whole group, and npm waits for the end.
    process.kill(-Number(child.pid), "SIGINT");
    if (child.exitCode === null) await once(child, "exit");
  }
}

async function runNode(words, environment) {
  const child = spawn(process.execPath, words, { env: environment, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "exit");
  // doctor ends with 1 where something needs a person.
  if (code !== 0 && !words.includes("doctor")) throw new Error(`${words.join(" ")} ended with ${code}`);
}
