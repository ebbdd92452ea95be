import { startChild } from "./child.mjs";
import { finishClick, newClicker, proveClick } from "./click.mjs";
import { end } from "./stack.mjs";
import { median, spread, timed } from "./statistics.mjs";
import { printTable } from "./table.mjs";

const rounds = 3;

/** One organization's click, start to redirect, by turns alone and while another organization floods the start endpoint. */
export async function measureFairness(stack, clicks) {
  const rows = [["who else is there", "click p50 / p95 in ms", "beside alone"]];
  await clickMs(stack, 1);
  const times = { alone: [] };
  const loads = { "another, 16 calls in flight without end": 16, "another, 64 in flight": 64 };
  for (let round = 0; round < rounds; round += 1) {
    times.alone.push(...(await clickMs(stack, clicks)));
    for (const [name, inFlight] of Object.entries(loads)) {
      const { orgId, token } = await newClicker(stack);
      const FLOOD = JSON.stringify({ origin: stack.origin, orgId, token, inFlight });
      const { child } = await startChild("flood.mjs", { ...process.env, FLOOD });
      (times[name] ??= []).push(...(await clickMs(stack, clicks)));
      await end(child);
    }
  }
  for (const [name, of] of Object.entries(times))
    rows.push([name, spread(of), `${(median(of) / median(times.alone)).toFixed(2)} ×`]);
  printTable("Fairness", rows);
}

async function clickMs(stack, clicks) {
  const times = [];
  for (let click = 0; click < clicks; click += 1) {
    const clicker = await newClicker(stack);
    const whole = async () => finishClick(clicker, (await proveClick(stack, clicker)).leg2);
    times.push((await timed(whole)).ms);
  }
  return times;
}
