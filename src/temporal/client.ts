import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceConfig } from "../config/config.ts";
import type { Tracing } from "../domain/tracing.ts";
import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  loadClientConnectConfig,
  makeGrpcRetryInterceptor,
} from "./sdk.ts";
import { tracedStarts } from "./trace-interceptors.ts";
import { monotonicMs } from "../domain/monotonic-ms.ts";

/** Temporal's own configuration (`TEMPORAL_*`, profile file), with address and namespace of ours on top. */
export function temporalOptions(config: ServiceConfig): {
  namespace: string;
  connectionOptions: { address: string; tls?: unknown };
} {
  const loaded = loadClientConnectConfig();
  const { address } = config.temporal;
  return {
    namespace: config.temporal.namespace ?? loaded.namespace ?? "default",
    connectionOptions: {
      ...loaded.connectionOptions,
      address: address?.address ?? loaded.connectionOptions.address ?? "localhost:7233",
      ...(address?.wantsTls ? { tls: loaded.connectionOptions.tls ?? true } : {}),
    },
  };
}

/** Timers count whole milliseconds. */
const timerSlackMs = 10;
/** Nothing waits longer than two seconds for Temporal, so a longer pause between tries serves nobody. */
const retryPauseMsMax = 500;

/**
 * Connects on first use, so that an API process starts while Temporal is away. Closing waits for a retry that is due:
 * the SDK (1.24) lets it come after the caller has given up, and on a closed connection it ends the process.
 * @param tracing whose traces the runs that are started go on
 */
export function openTemporalClient(config: ServiceConfig, tracing?: Tracing): Client {
  const { namespace, connectionOptions } = temporalOptions(config);
  const retries = defaultGrpcRetryOptions();
  let isClosing = false;
  let lastRetryAtMs = 0;
  const connection = Connection.lazy({
    ...connectionOptions,
    connectTimeout: "3s",
    interceptors: [
      makeGrpcRetryInterceptor({
        retryableDecider: (attempt, status) => !isClosing && retries.retryableDecider(attempt, status),
        delayFunction(attempt, status) {
          const pauseMs = Math.min(retries.delayFunction(attempt, status), retryPauseMsMax);
          lastRetryAtMs = Math.max(lastRetryAtMs, monotonicMs() + pauseMs);
          return pauseMs;
        },
      }),
    ],
  } as Parameters<typeof Connection.lazy>[0]);
  const close = connection.close.bind(connection);
  connection.close = async () => {
    isClosing = true;
    // One that is overdue, in a process that was busy, still comes before a timer that is set now.
    if (lastRetryAtMs > 0) await sleep(Math.max(lastRetryAtMs - monotonicMs(), 0) + timerSlackMs);
    await close();
  };
  const interceptors = tracing ? { interceptors: { workflow: [tracedStarts(tracing)] } } : {};
  return new Client({ namespace, connection, ...interceptors });
}
