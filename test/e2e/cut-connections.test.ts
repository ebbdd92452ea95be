import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { inject, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

/** Each of these is one that the driver alone would mostly have left with a connection that never answers. */
const cuts = 4;

it(
  "when all connections are cut at once, whoever tries again at once costs the next ones nothing",
  { timeout: 30_000 },
  async () => {
    const url = new URL(inject("postgresUrl"));
    const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    const database = openDatabase(url.href, { poolMax: 4 });
    const ask = (seconds: number) => database.run((q) => q.execute(sql`select pg_sleep(${seconds})`));
    const askAll = (seconds: number) => Promise.all(Array.from({ length: 4 }, () => ask(seconds)));
    try {
      for (let cut = 0; cut < cuts; cut += 1) {
        await askAll(0.1);
        const stubborn = ask(5).catch(() => ask(0).catch(() => undefined));
        await ask(0.05);
        // Closes what there is; new connections pass.
        proxy.thaw();
        await stubborn;
        // All are closed by now.
        await sleep(200);
        await askAll(0.1);
      }
    } finally {
      await database.close();
      await proxy.close();
    }
  },
);
