import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { finishClick, newClicker, proveClick, setLatency } from "./click.mjs";
import { end, startProcess } from "./stack.mjs";
import { spread, timed } from "./statistics.mjs";
import { printTable } from "./table.mjs";

const latencyMs = 50;

/**
 * From the moment that the worker of a run is killed until its connection is live, another worker standing by. The kills
 * fall on all parts of a run in turn.
 */
export async function measureFailover(stack, client, kills) {
  const workers = new Map(stack.workers.map((worker) => [worker.pid, worker]));
  const start = () => {
    const worker = startProcess(["worker"], stack.environment);
    workers.set(worker.pid, worker);
    stack.workers.push(worker);
  };
  start();
  const times = [];
  for (let kill = 0; kill < kills; kill += 1) {
    await setLatency(stack, 0);
    // The worker that was started last polls by then.
    await sleep(4000);
    const clicker = await newClicker(stack);
    const { leg2 } = await proveClick(stack, clicker);
    await setLatency(stack, latencyMs);
    const finished = finishClick(clicker, leg2);
    const worker = workers.get(await workerOf(stack, client, clicker, (kill % 8) * 40));
    if (worker) {
      worker.kill("SIGKILL");
      await once(worker, "exit");
      workers.delete(worker.pid);
      const { ms } = await timed(() => finished);
      times.push(ms);
      start();
    } else await finished;
  }
  await setLatency(stack, 0);
  for (const worker of workers.values()) if (worker.pid !== stack.pids.worker) await end(worker);
  printTable("A worker is killed within a run, another stands by", [
    ["kills", "from the kill until it is live, p50 / p95 in ms"],
    [times.length, spread(times)],
  ]);
}

/** The process that has the run in hand, so long after its first step began. */
async function workerOf({ sql }, client, { orgId }, waitMs) {
  let hasWaited = false;
  for (;;) {
    const [row] = await sql`select workflow_id from connection_operations
      where org_id = ${orgId} and workflow_id is not null`;
    // Between the commit and the start there is a row and no run.
    const run =
      row &&
      (await client.workflow
        .getHandle(row.workflow_id)
        .describe()
        .catch(() => undefined));
    const { lastWorkerIdentity } = run?.raw.pendingActivities?.[0] ?? {};
    if (run && run.status.name !== "RUNNING") return undefined;
    if (lastWorkerIdentity && hasWaited) return Number(lastWorkerIdentity.split("@")[0]);
    await sleep(run && !hasWaited ? waitMs : 5);
    hasWaited ||= run !== undefined;
  }
}
