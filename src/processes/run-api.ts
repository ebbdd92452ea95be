import type { ApiConfig } from "../config/config.ts";
import type { Logger } from "../domain/logger.ts";
import { createReadiness } from "../operations/readiness.ts";
import { firstLook } from "./first-look.ts";
import { openObservers } from "./observers.ts";
import { serveHttp } from "./serve.ts";
import { untilSignal } from "./signals.ts";
import { openWatchPort } from "./watch-port.ts";
import { wireApi } from "./wire-api.ts";

/** An API process, from its start to the signal that ends it. Rejects where a port is taken. */
export async function runApi(config: ApiConfig, log: Logger): Promise<void> {
  const stopped = untilSignal();
  const observers = await openObservers(config, "api", log);
  const { metrics } = observers;
  const api = wireApi(config, log, observers.ports);
  const server = await serveHttp(api.app.fetch, config.host, config.port);
  const watched = config.watch && metrics && (await openWatchPort(api, config.watch, metrics));
  const look = createReadiness(api);
  observers.send(async () => ({ ...api, readiness: await look() }));
  log.info("api is listening", {
    port: server.port,
    metrics_port: watched?.port,
    role: config.role,
    provisioning: config.provisioning.kind,
  });
  void firstLook(api.database, log);
  await stopped;
  api.beginStop();
  await server.stop();
  await watched?.stop();
  await observers.stop();
  await api.close();
  log.info("api has stopped");
}
