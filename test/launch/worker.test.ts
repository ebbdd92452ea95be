import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { loadWorkerConfig } from "../../src/config/load-config.ts";
import { createLogger } from "../../src/processes/log.ts";
import { runWorker } from "../../src/processes/run-worker.ts";

it("a signal ends a worker that waits for a Temporal that says nothing", { timeout: 60_000 }, async () => {
  const silent = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const reached = once(silent, "connection");
  const config = loadWorkerConfig({
    DATABASE_URL: "postgres://nobody:x@127.0.0.1:9/authio",
    TEMPORAL_ADDRESS: `127.0.0.1:${(silent.address() as AddressInfo).port}`,
    AUTHIO_MS_PROVISION_CLIENT_ID: randomUUID(),
    AUTHIO_MS_PROVISION_CLIENT_SECRET: "canary-secret",
    AUTHIO_IMPORT_CREDS_KEY: randomBytes(32).toString("base64"),
    AUTHIO_SSO_ORIGIN: "https://sso.example.com",
  });
  const running = runWorker(config, createLogger("error"));
  await reached;
  const signalledMs = performance.now();
  process.emit("SIGTERM", "SIGTERM");
  await running;
  expect(performance.now() - signalledMs).toBeLessThan(5000);
  silent.close();
});
