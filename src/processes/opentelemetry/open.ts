import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  MeterProvider,
  type MetricProducer,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { OtlpSettings } from "../../config/read-otlp.ts";
import type { Logger } from "../../domain/logger.ts";
import type { Telemetry } from "../../domain/telemetry.ts";
import type { Tracing } from "../../domain/tracing.ts";
import { metricDataOf } from "./metric-data.ts";
import { readPrometheusText } from "./prometheus-text.ts";
import { deliveryLog, watched } from "./quiet-exporter.ts";
import { openRunSpans } from "./run-spans.ts";
import { samplerOf } from "./sampler.ts";
import { openSpans } from "./spans.ts";
import { tracedTelemetry } from "./traced-telemetry.ts";
import { tracingOver } from "./tracing.ts";

export interface OpenTelemetry {
  /** The observer that opens spans. */
  readonly telemetry: Telemetry;
  readonly tracing: Tracing;
  /** From now on sends what `/metrics` would say. */
  sendMetrics(text: () => Promise<string>): void;
  /** Sends what is left, for two seconds at most. */
  stop(): Promise<void>;
}

const scope = { name: "authio-one-click-microsoft" };
/** A collector that is away takes no more of the memory than this, and of the time of a stop. */
const queue = { maxQueueSize: 4096, maxExportBatchSize: 512, scheduledDelayMillis: 5000 };
const sendTimeoutMs = 5000;
const stopMs = 2000;

/**
 * Traces and metrics of one process over OTLP (HTTP, protobuf). Nothing here throws once it is open, and nobody waits for
 * the collector.
 */
export function openOpenTelemetry(settings: OtlpSettings, process: string, log: Logger): OpenTelemetry {
  const { endpoint, headers, serviceName = `${scope.name}-${process}`, metricsEveryMs } = settings;
  const resource = defaultResource()
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes({ "service.name": serviceName }));
  const tell = deliveryLog(log);
  const target = (path: string) => ({
    url: `${endpoint}${path}`,
    timeoutMillis: sendTimeoutMs,
    headers: async () => readHeaders(headers?.reveal() ?? ""),
  });
  const processor = new BatchSpanProcessor({
    exporter: watched(new OTLPTraceExporter(target("/v1/traces")), tell),
    exportTimeoutMillis: 2 * sendTimeoutMs,
    ...queue,
  });
  const provider = new TracerProvider({
    resource,
    sampler: samplerOf(settings),
    spanProcessors: [processor],
  });
  const spans = openSpans(provider.getTracer(scope.name));
  let meters: MeterProvider | undefined;
  return {
    telemetry: tracedTelemetry(spans),
    tracing: tracingOver(spans, openRunSpans(processor, resource, scope)),
    sendMetrics(text) {
      const reader = new PeriodicExportingMetricReader({
        exporter: watched(new OTLPMetricExporter(target("/v1/metrics")), tell),
        exportIntervalMillis: metricsEveryMs,
        exportTimeoutMillis: Math.min(sendTimeoutMs, metricsEveryMs),
        metricProducers: [producerOf(text)],
      });
      meters = new MeterProvider({ resource, readers: [reader] });
    },
    async stop() {
      const stopping = Promise.allSettled([provider.shutdown(), meters?.shutdown()]);
      await Promise.race([stopping, new Promise((resolve) => setTimeout(resolve, stopMs).unref())]);
    },
  };
}

/** What Prometheus would be told, as OpenTelemetry tells it: one set of instruments for both. */
function producerOf(text: () => Promise<string>): MetricProducer {
  const startTime = timeOf(Date.now());
  return {
    async collect() {
      const span = { startTime, endTime: timeOf(Date.now()) };
      const metrics = readPrometheusText(await text()).flatMap((family) => metricDataOf(family, span) ?? []);
      // The reader puts the process's own resource in its place.
      const resource = resourceFromAttributes({});
      return { resourceMetrics: { resource, scopeMetrics: [{ scope, metrics }] }, errors: [] };
    },
  };
}

const timeOf = (ms: number): [number, number] => [Math.trunc(ms / 1000), (ms % 1000) * 1e6];

/** `name=value,name=value`, as W3C's baggage has it; what is malformed is left out. */
function readHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of text.split(",")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(at, 0)).trim();
    if (name !== "") headers[name] = decoded(pair.slice(at + 1).trim());
  }
  return headers;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
