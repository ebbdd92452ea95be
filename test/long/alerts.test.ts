import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { freePort } from "../../src/embedded/free-port.ts";
import { createMetrics } from "../../src/processes/metrics/metrics.ts";
import { openWatchPort } from "../../src/processes/watch-port.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import { compileProduct, type Process, startProcess } from "../faults/support/processes.ts";
import { connect, consent, newOrg, type Product, start, startProduct } from "../support/product.ts";
import { beginSignIn, chooseUser, connectTenant } from "../support/sign-in.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { startPrometheus } from "./support/prometheus.ts";

// npm run check:alerts: ops/alerts.yml in a real Prometheus, on a stack that is broken in each of the ways it speaks of.
// Its times are divided by thirty, nothing else is changed. Two minutes of Temporal's memory stay as they are.

const factor = 30;
const always = 1_000_000;
const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const shorter = (count: string, unit: string): string =>
  `${Math.max(1, Math.round((Number(count) * (unitSeconds[unit] ?? 1)) / factor))}s`;

/** Ranges, waits and the one age, in the rules' own text. */
const shortened = (rules: string): string =>
  rules
    .replaceAll(/\[(\d+)([smh])\]/g, (_, count: string, unit: string) => `[${shorter(count, unit)}]`)
    .replaceAll(/for: (\d+)([smh])/g, (_, count: string, unit: string) => `for: ${shorter(count, unit)}`)
    .replace("> 1800", `> ${1800 / factor}`);

let product: Product;
let worker: Process;
let temporalProxy: TcpProxy;
let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
const stops: (() => unknown)[] = [];
beforeAll(async () => {
  compileProduct();
  product = await startProduct({ AUTHIO_CALLBACK_WAIT_MS: "3000" });
  stops.push(() => product.stop());
  const [host = "", port = ""] = (product.environment["TEMPORAL_ADDRESS"] ?? "").split(":");
  temporalProxy = await startTcpProxy({ host, port: Number(port) });
  stops.push(() => temporalProxy.close());
  const metrics = createMetrics();
  const api = product.addReplica(
    { TEMPORAL_ADDRESS: `127.0.0.1:${temporalProxy.port}` },
    { telemetry: metrics.telemetry },
  );
  const watched = await openWatchPort(api, { host: "127.0.0.1", port: 0 }, metrics);
  stops.push(() => watched.stop());
  const workerPort = await freePort();
  worker = await startProcess(
    "worker",
    { ...product.environment, AUTHIO_METRICS_PORT: String(workerPort) },
    product.lines,
  );
  stops.push(() => worker.kill("SIGKILL"));
  prometheus = await startPrometheus(shortened(readFileSync("ops/alerts.yml", "utf8")), [
    { process: "api", port: watched.port },
    { process: "worker", port: workerPort },
  ]);
  stops.push(() => prometheus.stop());
});
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

const begunMs = Date.now();
const fired = new Set<string>();
async function fires(name: string, withinMs: number): Promise<void> {
  await expect
    .poll(() => prometheus.firing(), { timeout: withinMs, interval: 500, message: name })
    .toContain(name);
  fired.add(name);
  process.stdout.write(`${name} after ${((Date.now() - begunMs) / 1000).toFixed(0)} s\n`);
}

/** Queries of the dashboard that have given nothing so far; asked until all have, or the test ends. */
function unansweredQueries(): Set<string> {
  const { panels } = JSON.parse(readFileSync("ops/grafana-dashboard.json", "utf8")) as {
    panels: { targets: { expr: string }[] }[];
  };
  const unanswered = new Set(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)));
  const looking = setInterval(() => {
    for (const query of unanswered)
      void prometheus
        .countOf(query)
        .then((count) => count > 0 && unanswered.delete(query))
        // Asked again in a moment.
        .catch(() => undefined);
  }, 2000);
  stops.push(() => clearInterval(looking));
  return unanswered;
}

const ms = (args: readonly string[]) =>
  msProvision(args, { environment: { ...product.environment, USER: "tess" }, print: () => undefined });

const refuse = (
  tenant: SimulatedTenant,
  faults: Parameters<typeof product.simulator.world.setTenantFaults>[1],
) => product.simulator.world.setTenantFaults(tenant.id, faults);

async function signIn(tenant: SimulatedTenant, base: string): Promise<void> {
  const browser = new Browser();
  await browser.request(await chooseUser(browser, tenant, await beginSignIn(browser, base)));
}

it("the dashboard's every query returns something, and each alert fires on its failure alone", async () => {
  const unanswered = unansweredQueries();
  expect(unanswered.size).toBeGreaterThan(20);

  // A working sign-in, and what nobody's night is worth: junk from a stranger.
  const { tenant, base } = await connectTenant(product);
  await signIn(tenant, base);
  for (let count = 0; count < 40; count += 1) await fetch(`${base}/callback?code=x&state=y`);
  await fetch(`${product.origin}/v1/session/orgs/${newOrg()}/ms-provision/start`, { method: "POST" });
  await sleep(12_000);
  expect(await prometheus.firing()).toEqual([]);

  const receiver = createServer((_, answer) => answer.writeHead(500).end()).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  stops.push(() => receiver.close());
  const { port } = receiver.address() as { port: number };
  expect(await ms(["webhooks", "add", `http://127.0.0.1:${port}/`])).toBe(0);
  await product.sql`update sso_connections set secret_expires_at = now() + interval '5 days'`;

  const throttled = product.addTenant();
  refuse(throttled, [{ call: "instantiate", kind: "answer", status: 429, retryAfter: "3", times: always }]);
  const browser = new Browser();
  const { consent_url: url } = await start(product, browser, newOrg());
  const leg1 = await browser.request(await consent(browser, url, throttled));
  const leg2 = await browser.request(leg1.headers.get("location") ?? "");
  await browser.request(leg2.headers.get("location") ?? "");
  await fires("GraphThrottled", 120_000);
  await fires("OldestUnfinishedProvision", 180_000);
  refuse(throttled, []);

  // The customer's administrator removed the secret: the sign-in's code exchange is refused. It is no young one, whose
  // refusal is tried again for seconds.
  await product.sql`update sso_connections set updated_at = now() - interval '1 hour'`;
  const secretGone = { status: 401, code: "invalid_client", aadsts: 7_000_215 };
  refuse(tenant, [{ call: "token", kind: "answer", ...secretGone, times: always }]);
  const failing = setInterval(() => void signIn(tenant, base).catch(() => undefined), 800);
  await fires("SignInFailures", 120_000).finally(() => clearInterval(failing));

  await product.sql`update connection_operations set cleanup = 'needs_operator' where id =
    (select min(id) from connection_operations where status = 'succeeded')`;
  await fires("CleanupNeedsOperator", 120_000);
  await fires("ConnectionSecretExpiring", 240_000);
  await fires("WebhookFailing", 240_000);

  const { provisioningApp } = product.simulator.world;
  const { clientSecret } = provisioningApp;
  Object.assign(provisioningApp, { clientSecret: "replaced-by-somebody" });
  const refused = await connect(product, product.addTenant()).catch(() => undefined);
  expect(refused?.end.searchParams.get("ok")).not.toBe("microsoft_connected");
  await fires("OwnCredentialRefused", 60_000);
  Object.assign(provisioningApp, { clientSecret });

  temporalProxy.freeze();
  await fires("TemporalUnreachable", 60_000);
  temporalProxy.thaw();

  const role = new URL(product.environment["DATABASE_URL"] ?? "").username;
  await product.sql.unsafe(`alter role ${role} set default_transaction_read_only = on`);
  await product.sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${role}`;
  await fires("DatabaseUnreachable", 60_000);
  await product.sql.unsafe(`alter role ${role} reset default_transaction_read_only`);

  await worker.kill("SIGKILL");
  await fires("ProcessAway", 60_000);
  await fires("NoWorkers", 240_000);
  expect([...unanswered]).toEqual([]);
  const names = [...readFileSync("ops/alerts.yml", "utf8").matchAll(/- alert: (\w+)/g)];
  expect([...fired].toSorted()).toEqual(names.map(([, name]) => name).toSorted());
}, 1_200_000);
