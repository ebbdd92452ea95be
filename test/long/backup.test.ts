import { statSync } from "node:fs";
import path from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { loadServiceConfig } from "../../src/config/load-service-config.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { openTemporalClient } from "../../src/temporal/client.ts";
import { beginSignIn, chooseUser, connectTenant } from "../support/sign-in.ts";
import {
  consent,
  eventually,
  liveApplications,
  newOrg,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";
import { startInstalledPostgres } from "./support/installed-postgres.ts";

// npm run check:backup: what docs/deploy.md says of backup and restore, done.

let server: Awaited<ReturnType<typeof startInstalledPostgres>>;
let product: Product;
beforeAll(async () => {
  server = await startInstalledPostgres();
  const namespace = `backup-${Date.now()}`;
  const temporalAddress = inject("temporalAddress");
  const temporal = openTemporalClient(
    loadServiceConfig({
      DATABASE_URL: server.urlOf("authio"),
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: namespace,
    }),
  );
  await temporal.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  await temporal.connection.close();
  product = await startProduct(
    { AUTHIO_CALLBACK_WAIT_MS: "0" },
    { postgresUrl: server.urlOf("authio"), temporalAddress, namespace },
  );
  await product.startWorker();
});
afterAll(async () => {
  await product?.stop();
  await server?.stop();
});

/** Rows of every table, to be compared. */
async function contentOf(sql: postgres.Sql): Promise<Record<string, unknown>> {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`;
  const content: Record<string, unknown> = {};
  for (const { name } of tables)
    [content[name]] =
      await sql`select count(*)::int, md5(string_agg(t::text, e'\n' order by t::text)) from ${sql(name)} t`;
  return content;
}

/** A click whose run is held up by Microsoft. */
async function heldUp() {
  product.simulator.world.setFaults([{ call: "addPassword", kind: "answer", status: 503, times: 999 }]);
  const [browser, tenant] = [new Browser(), product.addTenant()];
  const { id, consent_url: consentUrl } = await start(product, browser, newOrg());
  const callback = await consent(browser, consentUrl, tenant);
  await browser.follow(await browser.request(callback), (url) => url.pathname.includes("/provisions/"));
  await eventually(() => liveApplications(tenant).length === 1);
  return { id, tenant };
}

async function signsIn({ base, tenant }: Awaited<ReturnType<typeof connectTenant>>): Promise<boolean> {
  const browser = new Browser();
  const callback = await chooseUser(browser, tenant, await beginSignIn(browser, base));
  return (await browser.request(callback, { headers: { accept: "application/json" } })).ok;
}

it("a dump restores into an empty database: people sign in, work goes on, nothing newer is deleted", async () => {
  const kept = await connectTenant(product);
  expect(await signsIn(kept)).toBe(true);
  const underWay = await heldUp();
  await product.stopWorkers();
  const before = await contentOf(product.sql);
  const database = product.sql.options.database;
  const file = path.join(server.folder, "authio.dump");
  server.program("pg_dump", "--format=custom", `--file=${file}`, server.urlOf(database));
  expect(statSync(file).size).toBeGreaterThan(10_000);

  // What the dump does not know: it is lost, and its application stays at Microsoft.
  product.simulator.world.setFaults([]);
  await product.startWorker();
  const newer = await connectTenant(product);
  await eventually(async () => (await statusOf(product.sql, underWay.id)) === "succeeded");
  await product.stopWorkers();

  const restored = `${database}_restored`;
  server.program("createdb", "--maintenance-db", server.urlOf("postgres"), "--template=template0", restored);
  server.program("pg_restore", "--exit-on-error", `--dbname=${server.urlOf(restored)}`, file);
  const sql = postgres(server.urlOf(restored), { max: 1, onnotice: () => {} });
  try {
    expect(await contentOf(sql)).toEqual(before);
    const runtimeUrl = Object.assign(new URL(product.environment["DATABASE_URL"] ?? ""), {
      pathname: `/${restored}`,
    }).href;
    product.addReplica({ DATABASE_URL: runtimeUrl });
    expect(await (await fetch(`${product.origin}/readyz`)).json()).toMatchObject({ status: "ready" });
    expect(await signsIn(kept)).toBe(true);

    // The trail is as closed as before, for its owner and for the processes.
    await expect(sql`update audit_events set actor = 'system'`).rejects.toThrow(/append-only/);
    const runtime = postgres(runtimeUrl, { max: 1 });
    await expect(runtime`delete from audit_events`).rejects.toThrow(/permission denied/);
    await runtime.end();

    await product.startWorker({}, { DATABASE_URL: runtimeUrl });
    await eventually(async () => (await statusOf(sql, underWay.id)) === "succeeded", 90_000);
    expect(liveApplications(underWay.tenant)).toHaveLength(1);
    expect(liveApplications(newer.tenant)).toHaveLength(1);

    const said: string[] = [];
    const shell = {
      environment: { ...product.environment, DATABASE_URL: runtimeUrl },
      print: (line: string) => void said.push(line),
    };
    await msProvision(["sweep", "--tenant", newer.tenant.id], shell);
    expect(said.join("\n")).toContain(liveApplications(newer.tenant)[0]?.id);
  } finally {
    await product.stopWorkers();
    await sql.end();
  }
});

const statusOf = async (sql: postgres.Sql, id: string): Promise<unknown> =>
  (await sql`select status from ms_provision_requests where id = ${id}`)[0]?.["status"];
