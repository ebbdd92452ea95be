// Measures the product beside a plain script and a raw Temporal workflow, in one interleaved run on this machine:
// npm run build && npm run measure. With --quick a few of each; --only latency,tasks,throughput,workers,start,history,streams,fairness,commands,failover
// for some of it; --loads 128x256 for 256 clicks, 128 in flight, and no other load; --profile FOLDER
// for the CPU profiles of api and worker. It prints figures and never fails by a time.
import { parseArgs } from "node:util";
import { Client, Connection } from "@temporalio/client";
import { startChild } from "./measure/child.mjs";
import { measureCommands } from "./measure/commands.mjs";
import { measureFailover } from "./measure/failover.mjs";
import { measureFairness } from "./measure/fairness.mjs";
import { measureHistory } from "./measure/history.mjs";
import { measureLatency } from "./measure/latency.mjs";
import { machine } from "./measure/machine.mjs";
import { makeScriptTable } from "./measure/script-click.mjs";
import { end, startStack } from "./measure/stack.mjs";
import { measureStartRate } from "./measure/start-rate.mjs";
import { measureStreams } from "./measure/streams.mjs";
import { measureTasks } from "./measure/tasks.mjs";
import { measureThroughput } from "./measure/throughput.mjs";
import { measureWorkers } from "./measure/workers.mjs";

const full = {
  rounds: 25,
  loads: [
    { inFlight: 16, clicks: 160 },
    { inFlight: 64, clicks: 256 },
    { inFlight: 128, clicks: 256 },
  ],
  starts: 500,
  streams: [200, 3000, 4000],
  floods: 10,
  repeats: 5,
  kills: 24,
  workers: { counts: [1, 2, 4], clicks: 128 },
};
const quick = {
  rounds: 5,
  loads: [{ inFlight: 16, clicks: 48 }],
  starts: 100,
  streams: [200],
  floods: 4,
  repeats: 1,
  kills: 8,
  workers: { counts: [1, 2], clicks: 32 },
};

const { values } = parseArgs({
  options: {
    quick: { type: "boolean" },
    only: { type: "string" },
    loads: { type: "string" },
    profile: { type: "string" },
  },
});
const { rounds, starts, streams, floods, repeats, kills, workers, ...usual } = values.quick ? quick : full;
const loads =
  values.loads?.split(",").map((load) => {
    const [inFlight, clicks] = load.split("x").map(Number);
    return { inFlight, clicks };
  }) ?? usual.loads;
const wanted = values.only?.split(",");

const flags = values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];
const stack = await startStack({}, flags);
const raw = await startChild("raw-worker.mjs", stack.environment);
const connection = await Connection.connect({ address: stack.temporalAddress });
const client = new Client({ connection });
const parts = {
  latency: () => measureLatency(stack, client, rounds),
  tasks: () => measureTasks(stack, client, rounds),
  throughput: () => measureThroughput(stack, client, loads),
  workers: () => measureWorkers(stack, workers.counts, workers.clicks),
  start: () => measureStartRate(stack, starts),
  history: () => measureHistory(stack, client),
  streams: () => measureStreams(stack, streams),
  fairness: () => measureFairness(stack, floods),
  commands: () => measureCommands(stack, repeats),
  failover: () => measureFailover(stack, client, kills),
};
try {
  process.stdout.write(`${machine(stack)}\n`);
  await makeScriptTable(stack.sql);
  for (const [name, measure] of Object.entries(parts)) if (wanted?.includes(name) !== false) await measure();
} finally {
  await connection.close();
  await end(raw.child);
  await stack.stop();
}
process.exit();
