// Measures one click with API and worker as processes of their own, against a simulator that answers at once:
// npm run build && npm run measure
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { Browser } from "../dist/embedded/browser.js";
import {
  createDevelopmentSessions,
  developmentOrg,
  developmentProject,
  developmentSessionOf,
  developmentUsers,
  issuerPath,
} from "../dist/embedded/development-sessions.js";
import { freePort } from "../dist/embedded/free-port.js";
import { startEmbeddedPostgres } from "../dist/embedded/postgres.js";
import { startTemporalServer } from "../dist/embedded/temporal-server.js";
import { migrateDatabase } from "../dist/db/migrate.js";
import { newTenant } from "../dist/simulator/directory.js";
import { startSimulator } from "../dist/simulator/server.js";

const clicks = 40;
const tell = (line) => process.stdout.write(`${line}\n`);

const app = { clientId: randomUUID(), clientSecret: randomBytes(24).toString("hex") };
const sessions = await createDevelopmentSessions();
const [postgres, temporal, simulator] = await Promise.all([
  startEmbeddedPostgres(undefined),
  startTemporalServer({ port: await freePort(), tell }),
  startSimulator({ provisioningApp: app, mounts: { [issuerPath]: sessions.routes } }),
]);
await migrateDatabase(postgres.url);
const issuer = `${simulator.origin}${issuerPath}`;
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const env = {
  ...process.env,
  DATABASE_URL: postgres.url,
  TEMPORAL_ADDRESS: temporal.address,
  PORT: String(port),
  HOST: "127.0.0.1",
  LOG_LEVEL: "error",
  AUTHIO_MS_PROVISION_CLIENT_ID: app.clientId,
  AUTHIO_MS_PROVISION_CLIENT_SECRET: app.clientSecret,
  AUTHIO_IMPORT_CREDS_KEY: randomBytes(32).toString("base64"),
  AUTHIO_MS_CONSENT_RETURN_HOSTS: "127.0.0.1",
  AUTHIO_SSO_ORIGIN: origin,
  AUTHIO_MANAGEMENT_ORIGIN: origin,
  AUTHIO_DASHBOARD_URL: `${origin}/`,
  AUTHIO_SESSION_ISSUER: issuer,
  AUTHIO_PROJECT_ID: developmentProject,
  AUTHIO_MS_LOGIN_ORIGIN: simulator.origin,
  AUTHIO_MS_GRAPH_ORIGIN: simulator.origin,
  AUTHIO_ALLOW_INSECURE_LOOPBACK: "1",
};
const [api, worker] = ["api", "worker"].map((command) =>
  spawn("node", ["dist/cli/main.js", command], { env, stdio: "inherit" }),
);
while (!(await fetch(`${origin}/readyz`).catch(() => undefined))?.ok)
  await new Promise((resolve) => setTimeout(resolve, 100));

const memoryMiB = (child) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024);

async function clickMs(number) {
  const browser = new Browser();
  const tenant = newTenant(`Tenant ${number}`);
  simulator.world.tenants.push(tenant);
  const headers = {
    authorization: `Bearer ${await sessions.sign(issuer, { ...developmentSessionOf(developmentUsers[0]), userId: `user_${number % 3}` })}`,
    origin,
  };
  const start = await browser.request(`${origin}/v1/session/orgs/${developmentOrg.id}/ms-provision/start`, {
    method: "POST",
    headers,
    // Each click has a directory of its own.
    body: JSON.stringify({ additional: true }),
  });
  const { consent_url: consentUrl } = await start.json();
  const body = new URLSearchParams({ user: tenant.users[0].id, decision: "accept" });
  const consented = await browser.request(consentUrl, { method: "POST", body });
  const leg1 = await browser.request(consented.headers.get("location"));
  const leg2 = await browser.request(leg1.headers.get("location"));
  const begunMs = performance.now();
  const end = await browser.request(leg2.headers.get("location"));
  if (!end.headers.get("location")?.includes("ok=microsoft_connected"))
    throw new Error("a click did not end connected");
  return performance.now() - begunMs;
}

try {
  await clickMs(0);
  const times = [];
  for (let number = 1; number <= clicks; number += 1) times.push(await clickMs(number));
  times.sort((a, b) => a - b);
  tell(
    `callback leg 2 to redirect, ${clicks} clicks: p50 ${Math.round(times[clicks / 2])} ms, p95 ${Math.round(times[Math.floor(clicks * 0.95)])} ms`,
  );
  tell(`resident memory after them: api ${memoryMiB(api)} MiB, worker ${memoryMiB(worker)} MiB`);
} finally {
  for (const child of [api, worker]) {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
  await simulator.close();
  await temporal.stop();
  await postgres.stop();
}
process.exit();
