import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../src/embedded/free-port.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/embedded/postgres.ts";
import { startTemporalServer, type TemporalServer } from "../../src/embedded/temporal-server.ts";
import type { Fault } from "../../src/simulator/options.ts";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { eventually, liveApplications, type Product, startProduct } from "../support/product.ts";
import { refuseProof } from "../support/refuse-proof.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { byName, proveAndStart, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { type Process, processTmp, startProcess } from "./support/processes.ts";

// The servers themselves die in the middle of a run and come back: Temporal with its data or empty, PostgreSQL out of
// its recovery. The api and a worker process live through it.

const folders = { temporal: "", postgres: "" };
let temporalPort: number;
let temporal: TemporalServer;
let postgres: EmbeddedPostgres;
const postgresAt = { host: "127.0.0.1", port: 0 };
let proxy: TcpProxy;
let product: Product;
let worker: Process;

const startTemporal = () =>
  startTemporalServer({
    port: temporalPort,
    databaseFile: path.join(folders.temporal, "temporal.db"),
    tell: () => undefined,
  });
async function startPostgres(): Promise<void> {
  postgres = await startEmbeddedPostgres(folders.postgres);
  postgresAt.port = Number(new URL(postgres.url).port);
}

beforeAll(async () => {
  folders.temporal = await mkdtemp(path.join(os.tmpdir(), "restarts-temporal-"));
  folders.postgres = await mkdtemp(path.join(os.tmpdir(), "restarts-postgres-"));
  temporalPort = await freePort();
  [temporal] = await Promise.all([startTemporal(), startPostgres()]);
  proxy = await startTcpProxy(postgresAt);
  product = await startProduct(
    { AUTHIO_MS_ADOPT_WINDOW_MS: "2000" },
    {
      postgresUrl: Object.assign(new URL(postgres.adminUrl), { port: proxy.port }).href,
      temporalAddress: temporal.address,
      namespace: "default",
    },
  );
  worker = await startProcess("worker", product.environment, product.lines);
});
afterAll(async () => {
  await worker.kill("SIGTERM");
  await product.stop();
  await proxy.close();
  await Promise.all([temporal.stop(), postgres.stop()]);
  for (const folder of Object.values(folders)) await rm(folder, { recursive: true, force: true });
});

const restartTemporal = async (data: "kept" | "lost"): Promise<void> => {
  await temporal.stop("SIGKILL");
  if (data === "lost") await rm(folders.temporal, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  if (data === "lost") folders.temporal = await mkdtemp(path.join(os.tmpdir(), "restarts-temporal-"));
  temporal = await startTemporal();
};
const restartPostgres = async (): Promise<void> => {
  await postgres.stop("SIGQUIT");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await startPostgres();
};

const away = { kind: "answer", status: 503, times: 1_000_000 } as const;
/** Where a run is held until the servers are back. */
const whens: Record<string, readonly Fault[]> = {
  "while it creates": [{ call: "instantiate", ...away, after: true }],
  "after the application is there": [{ call: "addPassword", ...away }],
  "while it is undone": [refuseProof, { call: "deleteApplication", ...away }],
};
const deaths: Record<string, () => Promise<unknown>> = {
  "Temporal dies and keeps its data": () => restartTemporal("kept"),
  "Temporal dies and loses its data": () => restartTemporal("lost"),
  "PostgreSQL crashes": restartPostgres,
  "Temporal loses its data and PostgreSQL crashes": () =>
    Promise.all([restartTemporal("lost"), restartPostgres()]),
};
const cases = Object.entries(deaths).flatMap(([death, happen]) =>
  Object.entries(whens).map(([when, faults]) => ({ name: `${death} ${when}`, happen, faults })),
);

describe("a server dies", () => {
  it.each(byName(cases))("%s", { timeout: 300_000 }, async (_name, { happen, faults }) => {
    const tenant = product.addTenant();
    const { world } = product.simulator;
    world.setTenantFaults(tenant.id, faults);
    const { id } = await proveAndStart(product, tenant);
    const isUndone = faults.includes(refuseProof);
    await eventually(async () =>
      isUndone ? (await statusOf(product, id)).cleanup === "pending" : liveApplications(tenant).length > 0,
    );
    await happen();
    world.setTenantFaults(tenant.id, isUndone ? [refuseProof] : []);
    await untilEnded(product, id, 240_000);
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
    expect((await statusOf(product, id)).status).toBe(isUndone ? "failed" : "succeeded");
  });
});

it("the worker has lived through all of it, drains and exits 0", async () => {
  expect(await worker.kill("SIGTERM")).toBe(0);
});

itLeavesNoPlaintext(() => product, [processTmp]);

itHasDocumentedCases("servers that die", cases.length);
