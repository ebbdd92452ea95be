import { randomUUID } from "node:crypto";
import { finishClick, newClicker, proveClick, setLatency } from "./click.mjs";
import { finishByScript, proveByScript } from "./script-click.mjs";
import { median, spread, timed } from "./statistics.mjs";
import { printTable } from "./table.mjs";

const latenciesMs = [0, 50];

/**
 * From callback leg 2 to the redirect: product, script and raw workflow in turn, so that whatever else the machine does
 * meets all three.
 */
export async function measureLatency(stack, raw, rounds) {
  const rows = [
    ["callback leg 2 → redirect, p50 / p95 in ms", "product", "script", "raw workflow", "product : script"],
  ];
  for (const latencyMs of latenciesMs) {
    const times = { product: [], script: [], raw: [] };
    for (let round = -1; round < rounds; round += 1) {
      const product = await productClick(stack, latencyMs);
      const script = await scriptClick(stack, latencyMs);
      const { ms } = await timed(() => runRaw(raw, latencyMs));
      // The first round warms up.
      if (round < 0) continue;
      times.product.push(product);
      times.script.push(script);
      times.raw.push(ms);
    }
    const ratio = (median(times.product) / median(times.script)).toFixed(2);
    rows.push([
      `Microsoft at ${latencyMs} ms a call, ${rounds} rounds`,
      spread(times.product),
      spread(times.script),
      spread(times.raw),
      `${ratio} ×, ${median(times.product) - median(times.script)} ms more`,
    ]);
  }
  await setLatency(stack, 0);
  printTable("One click at a time, interleaved", rows);
}

async function productClick(stack, latencyMs) {
  await setLatency(stack, 0);
  const clicker = await newClicker(stack);
  const { leg2 } = await proveClick(stack, clicker);
  await setLatency(stack, latencyMs);
  return (await timed(() => finishClick(clicker, leg2))).ms;
}

async function scriptClick(stack, latencyMs) {
  await setLatency(stack, 0);
  const clicker = await newClicker(stack);
  const proof = await proveByScript(stack, clicker);
  await setLatency(stack, latencyMs);
  return (await timed(() => finishByScript(stack, clicker, proof))).ms;
}

function runRaw(client, pauseMs) {
  return client.workflow.execute("rawWorkflow", {
    taskQueue: "measure-raw",
    workflowId: `measure-raw-${randomUUID()}`,
    args: [pauseMs],
  });
}
