import type { WorkerConfig } from "../config/config.ts";
import type { Logger } from "../domain/logger.ts";
import { placeTemporalMetrics } from "./metrics/temporal-metrics.ts";
import { openObservers } from "./observers.ts";
import { untilSignal } from "./signals.ts";
import { installTemporalRuntime, startWorker } from "./start-worker.ts";
import { watchWorker } from "./watch-worker.ts";

/** A worker process, from its start to the signal that ends it. Not configured, it says so and idles. */
export async function runWorker(config: WorkerConfig, log: Logger): Promise<void> {
  const stopped = untilSignal();
  const temporalMetrics = config.watch || config.otlp ? await placeTemporalMetrics() : undefined;
  const observers = await openObservers(
    config,
    "worker",
    log,
    async () => (await temporalMetrics?.read()) ?? "",
  );
  const watched = await watchWorker(config, observers);
  const { provisioning } = config;
  try {
    if (provisioning.kind !== "configured") {
      log.warn(
        "the worker idles: AUTHIO_MS_PROVISION_CLIENT_ID and AUTHIO_MS_PROVISION_CLIENT_SECRET are not set",
      );
      const keepAlive = setInterval(() => {}, 60_000);
      await stopped;
      clearInterval(keepAlive);
      return;
    }
    installTemporalRuntime(log, temporalMetrics);
    const starting = startWorker({ ...config, provisioning }, log, { ports: observers.ports });
    // A Temporal that is there and says nothing is waited for for half a minute: a signal is not.
    const worker = await Promise.race([starting, stopped]);
    if (!worker) {
      starting.then((late) => late.stop()).catch(() => undefined);
      log.info("worker has stopped before it polled");
      return;
    }
    log.info("worker is polling", { metrics_port: watched?.port });
    await Promise.race([stopped, worker.ended]);
    await worker.stop();
    log.info("worker has stopped");
  } finally {
    await observers.stop();
    await watched?.stop();
  }
}
