import type { LogFields, Logger } from "../domain/logger.ts";
import { unreachable } from "../domain/unreachable.ts";
import { currentIds, withIds } from "./current-ids.ts";
import type { Operation, Outcome, Telemetry } from "../domain/telemetry.ts";

/** One line for each operation: requests always, the rest at `debug` where it went well. */
export function loggedTelemetry(log: Logger): Telemetry {
  return {
    async around(operation, work) {
      const startedMs = performance.now();
      let ended: { outcome: Outcome; fields: LogFields } = { outcome: "internal", fields: {} };
      try {
        return await withIds(operation.ids ?? {}, () =>
          work((outcome, fields = {}) => void (ended = { outcome, fields })),
        );
      } finally {
        const { outcome, fields } = ended;
        const ms = Math.round(performance.now() - startedMs);
        log[levelOf(operation, outcome)](messages[operation.kind], {
          ...namesOf(operation, outcome),
          ms,
          ...currentIds(),
          ...operation.ids,
          ...fields,
        });
      }
    },
  };
}

const messages = { request: "request", activity: "activity", microsoft: "call to Microsoft" } as const;

function levelOf({ kind }: Operation, outcome: Outcome): "debug" | "info" {
  const isWell = outcome === "ok" || (typeof outcome === "number" && outcome >= 200 && outcome < 300);
  return kind !== "request" && isWell ? "debug" : "info";
}

function namesOf({ kind, name }: Operation, outcome: Outcome): LogFields {
  switch (kind) {
    case "request":
      return { route: name, status: outcome };
    case "activity":
      return { activity: name, outcome };
    case "microsoft":
      return { call: name, status: outcome };
    default:
      return unreachable(kind);
  }
}
