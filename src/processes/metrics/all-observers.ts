import { noTelemetry, type Telemetry } from "../../domain/telemetry.ts";

/** Lets several observers see the same work; the first of them stands outermost. */
export function allObservers(observers: readonly Telemetry[]): Telemetry {
  return observers.reduceRight((inner, outer) => both(outer, inner), noTelemetry);
}

function both(outer: Telemetry, inner: Telemetry): Telemetry {
  return {
    around: (operation, work) =>
      outer.around(operation, (endOuter) =>
        inner.around(operation, (endInner) =>
          work((outcome, fields) => {
            endOuter(outcome, fields);
            endInner(outcome, fields);
          }),
        ),
      ),
  };
}
