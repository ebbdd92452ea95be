import { openOpenTelemetry } from "../../dist/processes/opentelemetry/open.js";
import { noTelemetry } from "../../dist/domain/telemetry.js";
import { noTracing } from "../../dist/domain/tracing.js";

/** As many as a click has: eight steps, each with six pieces of work in Postgres and two calls. */
const shape = { steps: 8, statements: 6, calls: 2 };
const warmUp = 200;
/** Until the last spans have been sent. */
const sentMs = 6000;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const statement = 'select "id", "kind" from "connection_operations" where "id" = $1';

/**
 * CPU in ms that a click's spans cost this process, sending included, once its code is warm: without api, worker and
 * whatever else the machine does. Twice each, in turn.
 */
export async function measureSpans(endpoint, clicks) {
  const opened = openOpenTelemetry(
    { endpoint, sampler: "parentbased_always_on", ratio: 1, metricsEveryMs: 60_000 },
    "api",
    log,
  );
  const sides = {
    off: { telemetry: noTelemetry, tracing: noTracing },
    on: { telemetry: opened.telemetry, tracing: opened.tracing },
  };
  const seen = { off: [], on: [] };
  for (const side of Object.values(sides)) await cpuOf(side, warmUp);
  for (const name of ["off", "on", "off", "on"]) seen[name].push(await cpuOf(sides[name], clicks));
  await opened.stop();
  return seen;
}

async function cpuOf(side, clicks) {
  const before = process.cpuUsage();
  for (let click = 0; click < clicks; click += 1) {
    await spansOfClick(side);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await new Promise((resolve) => setTimeout(resolve, sentMs));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / clicks;
}

async function spansOfClick({ telemetry, tracing }) {
  const ids = { workflow_id: "ms-provision-mspr_1", provision_id: "mspr_1" };
  for (let step = 0; step < shape.steps; step += 1)
    await telemetry.around({ kind: "activity", name: "addPassword", ids }, async (end) => {
      for (let one = 0; one < shape.statements; one += 1)
        await tracing.database(async () => {
          tracing.statement(statement);
          await Promise.resolve();
        });
      for (let one = 0; one < shape.calls; one += 1)
        await telemetry.around(
          { kind: "microsoft", name: "POST /applications/{id}/addPassword" },
          async (end) => end(200, { microsoft_request_id: "00000000-0000-0000-0000-000000000000" }),
        );
      end("ok", { attempt: 1 });
    });
}
