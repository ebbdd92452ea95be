// Measures what OpenTelemetry costs a click: npm run build && npm run measure:telemetry. Two stacks of the product, one that
// sends traces and metrics to a collector of this process and one that does not, click in turn. --quick does a few rounds,
// --single lets one click at a time wait for nothing but itself,
// --spans measures a click's spans alone, which a busy machine disturbs less. It prints figures and never fails by a time.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { finishClick, newClicker, proveClick } from "./measure/click.mjs";
import { withCpu } from "./measure/cpu.mjs";
import { machine } from "./measure/machine.mjs";
import { measureSpans } from "./measure/spans.mjs";
import { startStack } from "./measure/stack.mjs";
import { inParallel, median, spread, timed } from "./measure/statistics.mjs";
import { printTable } from "./measure/table.mjs";

const flag = { type: "boolean" };
const { values } = parseArgs({ options: { quick: flag, single: flag, spans: flag } });
const rounds = values.quick ? 10 : 40;
// A process's first some hundred clicks cost more, with spans the more so: until the code is warm.
const [clicks, inFlight] = values.single ? [4, 1] : [8, 4];
const warmUps = values.quick ? 12 : 50;

const collector = await startCollector();
if (values.spans) {
  const { off, on } = await measureSpans(collector.endpoint, 300);
  const shown = (numbers) => numbers.map((ms) => ms.toFixed(2)).join(" and ");
  process.stdout.write(`A click's 72 spans alone, CPU in ms: off ${shown(off)}, on ${shown(on)}\n`);
  process.exit();
}
const stacks = {
  off: await startStack(),
  on: await startStack({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
  }),
};
try {
  process.stdout.write(`${machine(stacks.off)}\n`);
  const seen = { off: [], on: [] };
  for (let round = -warmUps; round < rounds; round += 1)
    // Turn about, so that neither always comes first.
    for (const name of round % 2 === 0 ? ["off", "on"] : ["on", "off"]) {
      const batch = await clickBatch(stacks[name]);
      // The first rounds warm up.
      if (round >= 0) seen[name].push(batch);
    }
  report(seen);
} finally {
  await stacks.on.stop();
  await stacks.off.stop();
  await collector.stop();
}
process.exit();

async function clickBatch(stack) {
  const { api, worker } = stack.pids;
  const { value: times, cpu } = await withCpu({ api, worker }, () =>
    inParallel(clicks, inFlight, async () => {
      const clicker = await newClicker(stack);
      return (
        await timed(async () => {
          await finishClick(clicker, (await proveClick(stack, clicker)).leg2);
        })
      ).ms;
    }),
  );
  return { times, cpuMs: (cpu.api + cpu.worker) / clicks };
}

function report({ off, on }) {
  const cpu = { off: off.map(({ cpuMs }) => cpuMs), on: on.map(({ cpuMs }) => cpuMs) };
  const times = { off: off.flatMap((one) => one.times), on: on.flatMap((one) => one.times) };
  const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const pairs = off.map(({ cpuMs }, at) => (on[at].cpuMs / cpuMs - 1) * 100).toSorted((a, b) => a - b);
  const quarter = (share) => `${pairs[Math.floor(pairs.length * share)].toFixed(1)} %`;
  const more = (a, b) => `${(((b - a) / a) * 100).toFixed(1)} %`;
  printTable(
    `OpenTelemetry's cost a click: ${rounds} rounds of ${clicks} clicks each, ${inFlight} in flight`,
    [
      ["", "off", "on", "more"],
      [
        "start to redirect, p50 / p95 in ms",
        spread(times.off),
        spread(times.on),
        more(median(times.off), median(times.on)),
      ],
      [
        "CPU of api + worker, mean in ms",
        mean(cpu.off).toFixed(1),
        mean(cpu.on).toFixed(1),
        more(mean(cpu.off), mean(cpu.on)),
      ],
      [
        "the same, each round's two sides, median (quarters)",
        "",
        "",
        `${quarter(0.5)} (${quarter(0.25)} to ${quarter(0.75)})`,
      ],
      [
        "the same, each half of the rounds",
        halves(cpu.off, mean),
        halves(cpu.on, mean),
        "what differs by itself",
      ],
    ],
  );
  process.stdout.write(`The collector took ${collector.requests} requests, ${collector.bytes} bytes.\n`);
}

function halves(numbers, mean) {
  const half = Math.floor(numbers.length / 2);
  return `${mean(numbers.slice(0, half)).toFixed(1)} and ${mean(numbers.slice(half)).toFixed(1)}`;
}

/** Takes all and keeps nothing. */
async function startCollector() {
  const seen = { requests: 0, bytes: 0 };
  const server = createServer((request, response) => {
    request.on("data", (chunk) => (seen.bytes += chunk.length));
    request.on("end", () => {
      seen.requests += 1;
      response.writeHead(200).end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(seen, {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  });
}
