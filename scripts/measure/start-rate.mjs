import { startChild } from "./child.mjs";
import { callStart, newClicker } from "./click.mjs";
import { end } from "./stack.mjs";
import { withCpu } from "./cpu.mjs";
import { inParallel, spread, timed } from "./statistics.mjs";
import { printTable } from "./table.mjs";

const inFlight = 16;
/** Short bursts by turns, so that whatever else the machine does meets both. */
const slice = 50;
const warmUp = 200;

/** The start endpoint beside a bare Hono route with one insert, in turn. */
export async function measureStartRate(stack, calls) {
  const { child, line: port } = await startChild("bare-route.mjs", stack.environment);
  const rows = [
    [`calls, ${inFlight} in flight`, "a second", "p50 / p95 in ms", "CPU ms a call: process + PostgreSQL"],
  ];
  try {
    const clickers = await inParallel(calls * 2 + warmUp, inFlight, () => newClicker(stack));
    const results = { start: [], bare: [] };
    const { api, postgres } = stack.pids;
    // Both compiled, as after a minute of work.
    const warming = clickers.slice(0, warmUp);
    await burst({}, warming, () => postBare(port));
    await burst({}, warming, (clicker) => postStart(stack, clicker));
    for (let from = warmUp; from < clickers.length; from += slice) {
      const those = clickers.slice(from, from + slice);
      results.bare.push(await burst({ api: child.pid, postgres }, those, () => postBare(port)));
      results.start.push(await burst({ api, postgres }, those, (clicker) => postStart(stack, clicker)));
    }
    for (const [name, bursts] of [
      ["start endpoint", results.start],
      ["bare Hono route with one insert", results.bare],
    ]) {
      const ms = sumOf(bursts, (one) => one.ms);
      const made = bursts.flatMap((one) => one.times);
      const cpu = ["api", "postgres"].map((part) => sumOf(bursts, (one) => one.cpu[part]) / made.length);
      rows.push([
        name,
        Math.round((made.length * 1000) / ms),
        spread(made),
        cpu.map((one) => one.toFixed(2)).join(" + "),
      ]);
    }
  } finally {
    await end(child);
  }
  printTable("Start", rows);
  const [start, bare] = rows.slice(1).map((row) => row[1]);
  process.stdout.write(`\nStart : bare route = ${(start / bare).toFixed(2)} ×\n`);
}

async function burst(pids, clickers, send) {
  const times = [];
  const { value, cpu } = await withCpu(pids, () =>
    timed(() =>
      inParallel(clickers.length, inFlight, async (number) =>
        times.push((await timed(() => send(clickers[number]))).ms),
      ),
    ),
  );
  return { ms: value.ms, times, cpu };
}

const sumOf = (bursts, of) => bursts.reduce((sum, one) => sum + of(one), 0);

async function postBare(port) {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "{}" });
  if (answer.status !== 201) throw new Error(`the bare route answered ${answer.status}`);
  await answer.text();
}

async function postStart(stack, clicker) {
  const answer = await callStart(stack, clicker);
  if (answer.status !== 201) throw new Error(`start answered ${answer.status}`);
  await answer.text();
}
