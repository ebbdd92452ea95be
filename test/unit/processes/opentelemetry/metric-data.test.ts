import { DataPointType } from "@opentelemetry/sdk-metrics";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { expect, it } from "vitest";
import { metricDataOf } from "../../../../src/processes/opentelemetry/metric-data.ts";
import { readPrometheusText } from "../../../../src/processes/opentelemetry/prometheus-text.ts";

const at = (seconds: number): [number, number] => [seconds, 0];
const span = { startTime: at(1), endTime: at(2) };

async function told(fill: (registers: Registry[]) => void) {
  const registry = new Registry();
  fill([registry]);
  return readPrometheusText(await registry.metrics()).map((family) => metricDataOf(family, span));
}

it("a counter is a sum that only grows, a gauge is a gauge, whatever stands in a label", async () => {
  const label = 'a "quoted" \\ back, and\nanother line }';
  const [counter, gauge] = await told((registers) => {
    new Counter({ name: "c_total", help: "What\\it counts", labelNames: ["l"], registers }).inc(
      { l: label },
      3,
    );
    new Gauge({ name: "g", help: "g", registers }).set(-0.25);
  });
  expect(counter).toMatchObject({
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: [{ attributes: { l: label }, value: 3, startTime: [1, 0], endTime: [2, 0] }],
  });
  expect(gauge).toMatchObject({ dataPointType: DataPointType.GAUGE, dataPoints: [{ value: -0.25 }] });
});

it("a histogram counts between bounds, for each set of labels", async () => {
  const [histogram] = await told((registers) => {
    const times = new Histogram({
      name: "h",
      help: "h",
      labelNames: ["r"],
      buckets: [0.1, 1, 10],
      registers,
    });
    for (const value of [0.05, 0.5, 0.6, 99]) times.observe({ r: "one" }, value);
    times.observe({ r: "other" }, 2);
  });
  expect(histogram).toMatchObject({
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: [
      {
        attributes: { r: "one" },
        value: { count: 4, sum: 100.15, buckets: { boundaries: [0.1, 1, 10], counts: [1, 2, 0, 1] } },
      },
      { attributes: { r: "other" }, value: { count: 1, buckets: { counts: [0, 0, 1, 0] } } },
    ],
  });
});

it("what is neither, and lines that say nothing, are left out", () => {
  const text = '# TYPE s summary\ns 1\nstray 2\n# TYPE e gauge\n\n# TYPE n gauge\nn NaN\nn{a="1"} +Inf\n';
  const found = readPrometheusText(text).map((family) => metricDataOf(family, span));
  expect(found[0]).toBeUndefined();
  expect(found[1]?.dataPoints).toEqual([]);
  expect(found[2]?.dataPoints).toMatchObject([{ attributes: { a: "1" }, value: Infinity }]);
});
