import { newClicker, told, wholeClick } from "./click.mjs";
import { residentMiB, withCpu } from "./cpu.mjs";
import { countRetries } from "./retries.mjs";
import { finishByScript, proveByScript } from "./script-click.mjs";
import { inParallel, spread, timed } from "./statistics.mjs";
import { printTable } from "./table.mjs";

/** Whole clicks, start to redirect, so many at once; each begins as one ends. */
export async function measureThroughput(stack, client, loads) {
  const rows = [
    [
      "clicks in flight",
      "clicks a second",
      "script, a second",
      "click p50 / p95 in ms",
      "CPU ms a click: api + worker + Temporal + Postgres",
      "told to wait",
      "5xx without Retry-After",
      "left behind",
      "handed out again: attempts + workflow tasks",
      "MiB: api, worker",
    ],
  ];
  for (const { inFlight, clicks } of loads) {
    Object.assign(told, { later: 0, failed: 0 });
    const times = [];
    const since = new Date();
    const run = await withCpu(stack.pids, () =>
      timed(() =>
        inParallel(clicks, inFlight, async () => times.push((await timed(() => wholeClick(stack))).ms)),
      ),
    );
    const script = await timed(() => inParallel(clicks, inFlight, () => scriptClick(stack)));
    const each = Object.values(run.cpu).map((ms) => Math.round(ms / clicks));
    rows.push([
      `${inFlight} (${clicks} clicks)`,
      rate(clicks, run.value.ms),
      rate(clicks, script.ms),
      spread(times),
      `${each.join(" + ")} = ${each.reduce((sum, ms) => sum + ms, 0)}`,
      told.later,
      told.failed,
      await countUnfinished(stack),
      await countRetries(stack, client, since),
      `${residentMiB(stack.pids.api)}, ${residentMiB(stack.pids.worker)}`,
    ]);
  }
  printTable("Many clicks at once", rows);
}

const rate = (count, ms) => ((count * 1000) / ms).toFixed(1);

async function scriptClick(stack) {
  const clicker = await newClicker(stack);
  await finishByScript(stack, clicker, await proveByScript(stack, clicker));
}

async function countUnfinished({ sql }) {
  const [{ unfinished }] = await sql`select count(*)::int as unfinished from ms_provision_requests
    where status in ('proved', 'provisioning')`;
  return unfinished;
}
