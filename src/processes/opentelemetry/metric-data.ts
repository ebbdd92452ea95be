import { ValueType } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import type { Family, Sample } from "./prometheus-text.ts";

type Time = [number, number];
/** Since when counters count, and now. */
export interface Span {
  readonly startTime: Time;
  readonly endTime: Time;
}

/** A metric as OpenTelemetry has it; undefined for a kind that is none of the three which `/metrics` uses. */
export function metricDataOf(family: Family, span: Span): MetricData | undefined {
  const base = {
    descriptor: { name: family.name, description: family.help, unit: "", valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  } as const;
  switch (family.type) {
    case "counter":
      return {
        ...base,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: points(family, span),
      };
    case "gauge":
      return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: points(family, span) };
    case "histogram":
      return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms(family, span) };
    default:
      return undefined;
  }
}

const points = ({ samples }: Family, span: Span): DataPoint<number>[] =>
  samples
    .filter(({ value }) => !Number.isNaN(value))
    .map(({ labels, value }) => ({ ...span, attributes: labels, value }));

/** Prometheus counts up to each bound, OpenTelemetry between bounds. */
function histograms({ name, samples }: Family, span: Span): DataPoint<Histogram>[] {
  const byLabels = new Map<string, { labels: Sample["labels"]; samples: Sample[] }>();
  for (const sample of samples) {
    const { le: _bound, ...labels } = sample.labels;
    const key = JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const found = byLabels.get(key) ?? { labels, samples: [] };
    found.samples.push(sample);
    byLabels.set(key, found);
  }
  return [...byLabels.values()].map(({ labels, samples }) => {
    const one = (ending: string): number => samples.find((each) => each.name === name + ending)?.value ?? 0;
    const upTo = samples
      .filter((each) => each.name === `${name}_bucket`)
      .map(({ labels, value }) => ({ bound: boundOf(labels["le"]), count: value }))
      .toSorted((a, b) => a.bound - b.bound);
    return {
      ...span,
      attributes: labels,
      value: {
        count: one("_count"),
        sum: one("_sum"),
        buckets: {
          boundaries: upTo.map(({ bound }) => bound).filter((bound) => Number.isFinite(bound)),
          counts: upTo.map(({ count }, at) => count - (upTo[at - 1]?.count ?? 0)),
        },
      },
    };
  });
}

const boundOf = (text: string | undefined): number => (text === "+Inf" ? Infinity : Number(text));
