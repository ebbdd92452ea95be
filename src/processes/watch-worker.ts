import type { WorkerConfig } from "../config/config.ts";
import { openDatabase } from "../db/client.ts";
import { createReadiness } from "../operations/readiness.ts";
import { openTemporalClient } from "../temporal/client.ts";
import { createOperationRuns } from "../temporal/operation-runs.ts";
import { createTemporalLook } from "../temporal/temporal-look.ts";
import type { Observers } from "./observers.ts";
import { openWatchPort } from "./watch-port.ts";

/** What a worker tells machines, with connections of its own: what the worker is busy with must not silence it. */
export async function watchWorker(
  config: WorkerConfig,
  { metrics, send }: Pick<Observers, "metrics" | "send">,
): Promise<{ readonly port: number | undefined; stop(): Promise<void> } | undefined> {
  if (!metrics) return undefined;
  const database = openDatabase(config.database, { poolMax: 1 });
  const client = openTemporalClient(config);
  const ctx = { database, runs: createOperationRuns(client), temporal: createTemporalLook(client) };
  const close = () => Promise.allSettled([client.connection.close(), database.close()]);
  try {
    const server = config.watch && (await openWatchPort(ctx, config.watch, metrics));
    const look = createReadiness(ctx);
    send(async () => ({ ...ctx, readiness: await look() }));
    return {
      port: server?.port,
      async stop() {
        await server?.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
