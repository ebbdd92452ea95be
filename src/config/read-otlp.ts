import type { SecretText } from "../domain/secret-text.ts";
import type { Environment } from "./environment.ts";

export const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type SamplerName = (typeof samplers)[number];

/** Where OpenTelemetry's traces and metrics are sent, by OpenTelemetry's own variables. */
export interface OtlpSettings {
  /** Without a slash at its end; `/v1/traces` and `/v1/metrics` follow. */
  readonly endpoint: string;
  /** `name=value` pairs with commas between them, the values percent-encoded: a collector's key among them. */
  readonly headers: SecretText | undefined;
  readonly serviceName: string | undefined;
  readonly sampler: SamplerName;
  /** Of the samplers by ratio: 0 to 1. */
  readonly ratio: number;
  readonly metricsEveryMs: number;
}

const minuteMs = 60_000;

/**
 * Undefined unless `OTEL_EXPORTER_OTLP_ENDPOINT` is set, and where `OTEL_SDK_DISABLED` is true.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ (read November 2026)
 */
export function readOtlp(env: Environment): OtlpSettings | undefined {
  const endpoint = env.optional("OTEL_EXPORTER_OTLP_ENDPOINT");
  const isDisabled = env.optional("OTEL_SDK_DISABLED")?.toLowerCase() === "true";
  if (endpoint === undefined || isDisabled) return undefined;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    env.problem("OTEL_EXPORTER_OTLP_ENDPOINT", "must be an http(s) address, e.g. http://localhost:4318");
  env.oneOf("OTEL_EXPORTER_OTLP_PROTOCOL", ["http/protobuf"], "http/protobuf");
  return {
    endpoint: endpoint.replace(/\/+$/, ""),
    headers: env.secret("OTEL_EXPORTER_OTLP_HEADERS"),
    serviceName: env.optional("OTEL_SERVICE_NAME"),
    sampler: env.oneOf("OTEL_TRACES_SAMPLER", samplers, "parentbased_always_on"),
    ratio: readRatio(env),
    metricsEveryMs: env.wholeNumber("OTEL_METRIC_EXPORT_INTERVAL", minuteMs, {
      min: 100,
      max: 60 * minuteMs,
    }),
  };
}

function readRatio(env: Environment): number {
  const text = env.optional("OTEL_TRACES_SAMPLER_ARG");
  if (text === undefined) return 1;
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  env.problem("OTEL_TRACES_SAMPLER_ARG", "must be a number from 0 to 1");
  return 1;
}
