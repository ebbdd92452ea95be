import type { ApiConfig, WorkerConfig } from "../config/config.ts";
import type { Logger } from "../domain/logger.ts";
import { loggedTelemetry } from "./logged-telemetry.ts";
import { allObservers } from "./metrics/all-observers.ts";
import { createMetrics, type Metrics, type Seen } from "./metrics/metrics.ts";
import type { Ports } from "./ports.ts";

/** Who watches a process: its log always, a meter and OpenTelemetry where they are configured. */
export interface Observers {
  readonly ports: Pick<Ports, "telemetry" | "tracing">;
  /** Absent where nobody asks and nobody is told. */
  readonly metrics: Metrics | undefined;
  /** From now on the figures are sent as well, where a collector is configured. */
  send(look: () => Promise<Seen>): void;
  stop(): Promise<void>;
}

/**
 * @param process which it is: part of the service's name unless `OTEL_SERVICE_NAME` says another
 * @param more text of others in Prometheus's format: Temporal's own
 */
export async function openObservers(
  { otlp, watch }: Pick<ApiConfig | WorkerConfig, "otlp" | "watch">,
  process: "api" | "worker",
  log: Logger,
  more?: () => Promise<string>,
): Promise<Observers> {
  const metrics = watch || otlp ? createMetrics(more) : undefined;
  // Loaded only here: nobody who does without pays for it.
  const opened = otlp && (await import("./opentelemetry/open.ts")).openOpenTelemetry(otlp, process, log);
  const telemetry = allObservers([
    ...(opened ? [opened.telemetry] : []),
    loggedTelemetry(log),
    ...(metrics ? [metrics.telemetry] : []),
  ]);
  return {
    ports: { telemetry, ...(opened ? { tracing: opened.tracing } : {}) },
    metrics,
    send(look) {
      if (metrics) opened?.sendMetrics(async () => metrics.text(await look()));
    },
    stop: async () => opened?.stop(),
  };
}
