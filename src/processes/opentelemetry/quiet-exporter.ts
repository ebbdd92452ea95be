import type { Logger } from "../../domain/logger.ts";
import { monotonicMs } from "../../domain/monotonic-ms.ts";

/** Of a span or metric exporter: `code` 0 is well. */
type Done = (result: { code: number; error?: Error }) => void;

/** Says once, and then once an hour, that nothing is taken; and once that it goes on. Nothing of what was answered is said. */
export function deliveryLog(log: Logger, now: () => number = monotonicMs): (isWell: boolean) => void {
  let [isAway, saidMs] = [false, -Infinity];
  return (isWell) => {
    if (isWell && isAway) log.info("OpenTelemetry's collector takes what is sent again");
    isAway = !isWell;
    if (isWell || now() - saidMs < hourMs) return;
    saidMs = now();
    log.warn("OpenTelemetry's collector does not take what is sent; it is dropped, nothing else suffers", {
      fix: "see OTEL_EXPORTER_OTLP_ENDPOINT in docs/operations.md",
    });
  };
}

const hourMs = 3_600_000;

/** The same exporter, whose outcomes are told. */
export function watched<E extends { export(items: never, done: Done): void }>(
  exporter: E,
  tell: (isWell: boolean) => void,
): E {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) =>
    send(items, (result) => {
      tell(result.code === 0);
      // The SDK would report a failure to its own console.
      done({ code: 0 });
    });
  return exporter;
}
