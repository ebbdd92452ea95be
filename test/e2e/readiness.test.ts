import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../src/embedded/free-port.ts";
import { type WiredApi, wireApi } from "../../src/processes/wire-api.ts";
import { loadApiConfig, loadWorkerConfig } from "../../src/config/load-config.ts";
import { createMetrics } from "../../src/processes/metrics/metrics.ts";
import type { RunningServer } from "../../src/processes/serve.ts";
import { watchWorker } from "../../src/processes/watch-worker.ts";
import { type Database, openDatabase } from "../../src/db/client.ts";
import { migrateDatabase } from "../../src/db/migrate.ts";
import { newDatabase } from "../support/databases.ts";
import { newOrg, type Product, startProduct } from "../support/product.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

let product: Product;
let role: string;
const opened: WiredApi[] = [];
const watches: RunningServer[] = [];
beforeAll(async () => {
  product = await startProduct();
  role = new URL(product.environment["DATABASE_URL"] ?? "").username;
});
afterEach(async () => {
  for (const api of opened.splice(0)) await api.close();
  for (const watched of watches.splice(0)) await watched.stop();
});
afterAll(() => product.stop());

/** Another process with other settings. */
function apiWith(overrides: Record<string, string>): WiredApi {
  const api = wireApi(loadApiConfig({ ...product.environment, ...overrides }), product.log);
  opened.push(api);
  return api;
}
async function readyz(api: WiredApi): Promise<unknown[]> {
  const answer = await api.app.request("/readyz");
  const { status, postgres, temporal, reasons } = (await answer.json()) as Record<string, unknown>;
  return [answer.status, status, postgres, temporal, reasons];
}
async function startOn(api: WiredApi): Promise<Response> {
  const org = newOrg();
  return api.app.request(`${product.origin}/v1/session/orgs/${org}/ms-provision/start`, {
    method: "POST",
    headers: { authorization: `Bearer ${await product.session(org)}`, origin: product.origin },
  });
}
const demote = async (): Promise<void> => {
  await product.sql.unsafe(`alter role ${role} set default_transaction_read_only = on`);
  await product.sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${role}`;
};
const promote = (): Promise<unknown> =>
  product.sql.unsafe(`alter role ${role} reset default_transaction_read_only`);

describe("the port for machines", () => {
  const watchOf = async (overrides: Record<string, string>): Promise<RunningServer> => {
    const watched = await watchWorker(
      loadWorkerConfig({ ...product.environment, AUTHIO_METRICS_PORT: "0", ...overrides }),
      { metrics: createMetrics(), send: () => {} },
    );
    if (!watched) throw new Error("a port was set, so something must listen");
    const listening = { port: watched.port ?? 0, stop: () => watched.stop() };
    watches.push(listening);
    return listening;
  };
  const ask = async ({ port }: RunningServer, path: string): Promise<unknown[]> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return [answer.status, await answer.json()];
  };

  it("a worker answers with the judgement of the API, while it lives in any case", async () => {
    const well = await watchOf({});
    const away = await watchOf({ DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/none` });
    expect(await ask(well, "/readyz")).toEqual([
      200,
      { status: "ready", postgres: true, temporal: true, reasons: [] },
    ]);
    expect(await ask(away, "/readyz")).toEqual([
      503,
      { status: "unready", postgres: false, temporal: true, reasons: ["postgres_away"] },
    ]);
    for (const watched of [well, away])
      expect(await ask(watched, "/healthz")).toEqual([200, { status: "ok" }]);
  });

  it("a worker that is not configured is asked too; without the setting nobody listens", async () => {
    const idle = await watchOf({ AUTHIO_MS_PROVISION_CLIENT_ID: "", AUTHIO_MS_PROVISION_CLIENT_SECRET: "" });
    expect((await ask(idle, "/readyz"))[0]).toBe(200);
    const nobody = { metrics: undefined, send: () => {} };
    expect(await watchWorker(loadWorkerConfig(product.environment), nobody)).toBeUndefined();
  });

  it("a taken port is an error, and leaves nothing open", async () => {
    const { port } = await watchOf({});
    await expect(watchOf({ AUTHIO_METRICS_PORT: String(port) })).rejects.toThrow("EADDRINUSE");
  });
});

describe("/readyz", () => {
  it("is ready with everything there", async () => {
    expect(await readyz(product.api)).toEqual([200, "ready", true, true, []]);
  });

  it("is unready without Postgres, and ready without Temporal", async () => {
    const away = `127.0.0.1:${await freePort()}`;
    expect(await readyz(apiWith({ DATABASE_URL: `postgres://${away}/none` }))).toEqual([
      503,
      "unready",
      false,
      true,
      ["postgres_away"],
    ]);
    expect(await readyz(apiWith({ TEMPORAL_ADDRESS: away }))).toEqual([
      200,
      "ready",
      true,
      false,
      ["temporal_away"],
    ]);
  });

  it("is unready for a namespace that was never there, and ready for one that was", async () => {
    const name = `later-${role}`;
    const api = apiWith({ TEMPORAL_NAMESPACE: name });
    expect(await readyz(api)).toEqual([503, "unready", true, false, ["temporal_namespace_missing"]]);
    await product.temporal.workflowService.registerNamespace({
      namespace: name,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    await expect.poll(() => readyz(api), { timeout: 30_000 }).toEqual([200, "ready", true, true, []]);
    // The frontend learns of a new namespace some seconds later.
    await expect
      .poll(
        () =>
          product.temporal.connection.operatorService.deleteNamespace({ namespace: name }).then(
            () => true,
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true);
    await expect
      .poll(() => readyz(api), { timeout: 40_000 })
      .toEqual([200, "ready", true, false, ["temporal_namespace_missing"]]);
  });

  it("is unready for a database without tables, or with older ones than this version needs", async () => {
    const database = await newDatabase();
    const { url } = await database.newRole("in role authio_runtime");
    const api = apiWith({ DATABASE_URL: url.href });
    expect(await readyz(api)).toEqual([503, "unready", false, true, ["postgres_not_migrated"]]);
    await migrateDatabase(database.url.href);
    expect(await readyz(api)).toEqual([200, "ready", true, true, []]);
    const behind = [503, "unready", false, true, ["postgres_behind"]];
    for (const [take, give] of [
      [
        "alter table sso_connections rename issuer to gone",
        "alter table sso_connections rename gone to issuer",
      ],
      ["alter table audit_events rename to gone", "alter table gone rename to audit_events"],
      [
        "alter index sso_connections_one_live rename to gone",
        "alter index gone rename to sso_connections_one_live",
      ],
      [
        "comment on table ms_provision_requests is 'authio schema 1'",
        "comment on table ms_provision_requests is null",
      ],
    ]) {
      await database.sql.unsafe(take ?? "");
      expect(await readyz(api), take).toEqual(behind);
      await database.sql.unsafe(give ?? "");
      expect(await readyz(api), give).toEqual([200, "ready", true, true, []]);
    }
    await api.close();
    opened.length = 0;
    await database.drop();
  });

  it("means that writes are possible: a demoted server is left as soon as there is another", async () => {
    const readOnly = [503, "unready", false, true, ["postgres_read_only"]];
    await demote();
    await expect.poll(() => readyz(product.api)).toEqual(readOnly);
    expect(await readyz(product.api)).toEqual(readOnly);
    await promote();
    expect(await readyz(product.api)).toEqual([200, "ready", true, true, []]);
  });
});

describe("a demoted server", () => {
  it("is a 503 with Retry-After, and the first call after the failover works", async () => {
    await demote();
    await startOn(product.api);
    for (let call = 0; call < 5; call += 1) {
      const refused = await startOn(product.api);
      expect([refused.status, Number(refused.headers.get("retry-after"))]).toEqual([503, 5]);
      expect(await refused.json()).toMatchObject({ code: "service_unavailable" });
    }
    await promote();
    expect((await startOn(product.api)).status).toBe(201);
  });

  it("a missing right is a 503 with Retry-After too, and operators are told which", async () => {
    await product.sql`revoke insert on audit_events from authio_runtime`;
    const refused = await startOn(product.api);
    await product.sql`grant insert on audit_events to authio_runtime`;
    expect([refused.status, Number(refused.headers.get("retry-after"))]).toEqual([503, 5]);
    expect(product.lines.join("\n")).toMatch(/"the database refuses a statement".*"sqlstate":"42501"/);
    expect((await startOn(product.api)).status).toBe(201);
  });
});

describe("a host that falls silent", () => {
  let proxy: TcpProxy;
  let database: Database;
  beforeAll(async () => {
    const url = new URL(product.environment["DATABASE_URL"] ?? "");
    proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    database = openDatabase(url.href);
  });
  afterAll(async () => {
    await database.close();
    await proxy.close();
  });

  it("holds nobody up for longer than one call: its connections are dropped, busy ones too", async () => {
    const one = (): Promise<string> =>
      database
        .run((q) => q.execute("select 1"))
        .then(
          () => "ok",
          (error: { code: string }) => error.code,
        );
    const inTransaction = (): Promise<string> =>
      database
        .transaction((q) => q.execute("select 1"))
        .then(
          () => "ok",
          (error: { code: string }) => error.code,
        );
    expect(await Promise.all(Array.from({ length: 12 }, inTransaction))).toEqual(Array(12).fill("ok"));
    expect(await one()).toBe("ok");
    proxy.strand();
    const silent = await Promise.all([one(), ...Array.from({ length: 10 }, inTransaction)]);
    expect(silent).toEqual(Array(11).fill("no_answer"));
    expect(await one()).toBe("ok");
    expect(await Promise.all(Array.from({ length: 10 }, inTransaction))).toEqual(Array(10).fill("ok"));
  });
});
