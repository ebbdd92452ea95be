import { setTimeout as sleep } from "node:timers/promises";
import { wholeClick } from "./click.mjs";
import { withCpu } from "./cpu.mjs";
import { end, startProcess } from "./stack.mjs";
import { inParallel, spread, timed } from "./statistics.mjs";
import { printTable } from "./table.mjs";

const inFlight = 16;
/** A worker that was just started compiles what it runs for the first time. */
const warmingClicks = 48;

/** The same clicks with one worker process, two, four: on one machine they share its cores, so CPU a click is what counts. */
export async function measureWorkers(stack, counts, clicks) {
  const rows = [
    [
      "worker processes",
      "clicks a second",
      "click p50 / p95 in ms",
      "CPU ms a click: api + workers + Temporal + Postgres",
    ],
  ];
  const added = [];
  const { worker: first, ...others } = stack.pids;
  for (const count of counts) {
    while (added.length + 1 < count) {
      added.push(startProcess(["worker"], stack.environment));
      stack.workers.push(added.at(-1));
    }
    await sleep(4000);
    await inParallel(warmingClicks, inFlight, () => wholeClick(stack));
    const workers = Object.fromEntries(
      [first, ...added.map(({ pid }) => pid)].map((pid) => [`worker ${pid}`, pid]),
    );
    const times = [];
    const run = await withCpu({ ...others, ...workers }, () =>
      timed(() =>
        inParallel(clicks, inFlight, async () => times.push((await timed(() => wholeClick(stack))).ms)),
      ),
    );
    const ofWorkers = Object.keys(workers).reduce((sum, name) => sum + run.cpu[name], 0);
    const each = [run.cpu.api, ofWorkers, run.cpu.temporal, run.cpu.postgres].map((ms) =>
      Math.round(ms / clicks),
    );
    rows.push([
      count,
      ((clicks * 1000) / run.value.ms).toFixed(1),
      spread(times),
      `${each.join(" + ")} = ${each.reduce((sum, ms) => sum + ms, 0)}`,
    ]);
  }
  for (const worker of added) await end(worker);
  printTable(`One worker process and more, ${inFlight} clicks in flight`, rows);
}
