import { afterAll, beforeAll, expect, it } from "vitest";
import { placeEvents } from "../../src/db/events.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { freePort } from "../../src/embedded/free-port.ts";
import { createMetrics } from "../../src/processes/metrics/metrics.ts";
import type { RunningServer } from "../../src/processes/serve.ts";
import { openWatchPort } from "../../src/processes/watch-port.ts";
import { compileProduct, startProcess } from "../faults/support/processes.ts";
import { connect, newOrg, type Product, startProduct } from "../support/product.ts";
import { beginSignIn, chooseUser, connectTenant } from "../support/sign-in.ts";

let product: Product;
let watched: RunningServer;

beforeAll(async () => {
  product = await startProduct();
  const metrics = createMetrics();
  product.addReplica({}, { telemetry: metrics.telemetry });
  await product.startWorker({}, {}, { telemetry: metrics.telemetry });
  watched = await openWatchPort(product.api, { host: "127.0.0.1", port: 0 }, metrics);
});
afterAll(async () => {
  await watched.stop();
  await product.stop();
});

async function scrape(port = watched.port): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  return answer.text();
}

/** The value of one series; undefined where there is none. */
function valueOf(text: string, series: string): number | undefined {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

async function lastPlace(): Promise<number> {
  const [row] = await product.sql`select max(position)::int as position from events`;
  return row?.["position"] ?? 0;
}

it("counts a click and its sign-ins by outcome and code, under labels without an id", async () => {
  const { tenant, base } = await connectTenant(product);
  const browser = new Browser();
  await browser.request(await chooseUser(browser, tenant, await beginSignIn(browser, base)));
  await fetch(`${base}/callback?code=x&state=y`);
  await fetch(`${product.origin}/v1/session/orgs/${newOrg()}/ms-provision/start`, { method: "POST" });
  const text = await scrape();
  expect(valueOf(text, 'authio_starts_total{outcome="ok",code="none"}')).toBe(1);
  expect(valueOf(text, 'authio_starts_total{outcome="refused",code="no_session"}')).toBe(1);
  expect(valueOf(text, 'authio_callbacks_total{outcome="ok",code="none"}')).toBeGreaterThanOrEqual(2);
  expect(valueOf(text, 'authio_sign_ins_total{outcome="ok",code="none"}')).toBe(1);
  expect(text).toMatch(/authio_sign_ins_total\{outcome="refused",code="signin_\w+"\} 1/);
  expect(valueOf(text, 'authio_step_seconds_count{step="upsertConnection"}')).toBe(1);
  expect(
    valueOf(text, 'authio_microsoft_calls_total{call="POST /applications/{id}/addPassword",status="200"}'),
  ).toBe(1);
  expect(text).not.toMatch(/mspr_|org_|sso_[a-z0-9]{6}|[0-9a-f]{8}-[0-9a-f]{4}/);
});

it("counts what Microsoft throttles and a click that it refuses", async () => {
  product.simulator.world.setFaults([
    { call: "addPassword", kind: "answer", status: 429, times: 1, retryAfter: "1" },
  ]);
  await connect(product, product.addTenant());
  const text = await scrape();
  expect(valueOf(text, 'authio_microsoft_throttles_total{call="POST /applications/{id}/addPassword"}')).toBe(
    1,
  );
  expect(
    valueOf(
      text,
      'authio_step_attempts_total{step="addPassword",outcome="failed",code="microsoft_throttled"}',
    ),
  ).toBe(1);
});

it("shows what waits, the nearest end of a secret and the feed's place; and nothing it does not know", async () => {
  await product.sql`update sso_connections set secret_expires_at = now() + interval '36 hours'
    where id = (select min(id) from sso_connections)`;
  await product.sql`insert into connection_health (connection_id, due_at, reasons, error_code)
    select id, now(), '[{"code": "claims_changed"}, {"code": "credential_foreign"}]', 'consent_not_effective'
    from sso_connections order by id limit 1
    on conflict (connection_id) do update set reasons = excluded.reasons, error_code = excluded.error_code`;
  // A worker gives events their places every other second; what follows is told of placed ones.
  await placeEvents(product.api.database);
  const placedBefore = await lastPlace();
  expect(placedBefore).toBeGreaterThan(0);
  const well = createMetrics();
  const readiness = { status: "ready", postgres: true, temporal: true, reasons: [] } as const;
  const text = await well.text({ ...product.api, readiness });
  expect(valueOf(text, "authio_connection_secret_days_left")).toBeCloseTo(1.5, 2);
  expect(valueOf(text, 'authio_unfinished{state="waiting"}')).toBe(0);
  expect(
    valueOf(text, 'authio_operations_ended_day{kind="connect",outcome="succeeded",code="none"}'),
  ).toBeGreaterThanOrEqual(2);
  expect(valueOf(text, 'authio_webhook_endpoints{state="well"}')).toBe(0);
  expect(valueOf(text, 'authio_workers_polling{kind="workflow"}')).toBeGreaterThan(0);
  expect(valueOf(text, 'authio_connections{status="active"}')).toBeGreaterThanOrEqual(2);
  expect(valueOf(text, "authio_event_feed_position")).toBeGreaterThanOrEqual(placedBefore);
  expect(valueOf(text, "authio_event_feed_position")).toBeLessThanOrEqual(await lastPlace());
  for (const [reason, count] of [
    ["claims_changed", 1],
    ["credential_foreign", 1],
    ["application_missing", 0],
  ])
    expect(valueOf(text, `authio_connections_attention{reason="${reason}"}`)).toBe(count);
  expect(valueOf(text, "authio_connections_unread")).toBe(1);
  const away = createMetrics();
  const unready = { ...readiness, status: "unready", postgres: false, temporal: false } as const;
  const less = await away.text({ ...product.api, readiness: unready });
  expect(valueOf(less, "authio_database_up")).toBe(0);
  expect(valueOf(less, "authio_connection_secret_days_left")).toBeUndefined();
  expect(valueOf(less, "authio_event_feed_position")).toBeUndefined();
  expect(valueOf(less, "authio_connections_unread")).toBeUndefined();
  expect(less).not.toMatch(/^authio_(workers_polling|connections_attention)\{/m);
});

it("both processes show theirs on that port, the worker Temporal's too", async () => {
  compileProduct();
  const lines: string[] = [];
  for (const command of ["api", "worker"] as const) {
    const port = await freePort();
    const process = await startProcess(
      command,
      { ...product.environment, PORT: String(await freePort()), AUTHIO_METRICS_PORT: String(port) },
      lines,
    );
    try {
      const text = await scrape(port);
      expect(valueOf(text, "authio_ready")).toBe(1);
      expect(text.includes("temporal_num_pollers")).toBe(command === "worker");
    } finally {
      expect(await process.kill("SIGTERM")).toBe(0);
    }
  }
});
