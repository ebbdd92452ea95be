import { factsOf, isErrorCode } from "../../domain/error-codes.ts";
import type { LogFields } from "../../domain/logger.ts";
import type { Operation, Outcome, Telemetry } from "../../domain/telemetry.ts";
import { unreachable } from "../../domain/unreachable.ts";
import type { Instruments } from "./instruments.ts";

/** Routes whose answers are counted under a name of their own as well. */
const peoplesRoutes: Readonly<Record<string, "starts" | "callbacks" | "signIns">> = {
  "POST /v1/session/orgs/:orgId/ms-provision/start": "starts",
  "GET /v1/sso/microsoft/consent/callback": "callbacks",
  "GET /v1/sso/connections/:connectionId/callback": "signIns",
};

const throttled = 429;

/** Counts and times each operation that has ended. */
export function meteredTelemetry(instruments: Instruments): Telemetry {
  return {
    async around(operation, work) {
      const startedMs = performance.now();
      let ended: { outcome: Outcome; fields: LogFields } = { outcome: "internal", fields: {} };
      try {
        return await work((outcome, fields = {}) => void (ended = { outcome, fields }));
      } finally {
        const seconds = (performance.now() - startedMs) / 1000;
        count(instruments, operation, ended.outcome, { code: ended.fields["code"], seconds });
      }
    },
  };
}

function count(
  instruments: Instruments,
  { kind, name }: Operation,
  outcome: Outcome,
  { code: told, seconds }: { code: unknown; seconds: number },
): void {
  const status = String(outcome);
  switch (kind) {
    case "request": {
      const code = isErrorCode(told) ? told : "none";
      instruments.requests.inc({ route: name, status, code });
      instruments.requestSeconds.observe({ route: name }, seconds);
      const counted = peoplesRoutes[name];
      if (counted) instruments[counted].inc({ outcome: outcomeOf(code), code });
      return;
    }
    case "activity": {
      const code = isErrorCode(outcome) ? outcome : "none";
      instruments.steps.inc({ step: name, outcome: outcomeOf(code), code });
      instruments.stepSeconds.observe({ step: name }, seconds);
      return;
    }
    case "microsoft":
      instruments.microsoftCalls.inc({ call: name, status });
      instruments.microsoftSeconds.observe({ call: name }, seconds);
      if (outcome === throttled) instruments.throttles.inc({ call: name });
      return;
    default:
      return unreachable(kind);
  }
}

/** `refused`: somebody else must act or choose. `failed`: something of ours, Microsoft's or the network's did not work. */
function outcomeOf(code: string): "ok" | "refused" | "failed" {
  if (!isErrorCode(code)) return "ok";
  return factsOf(code).httpStatus >= 500 ? "failed" : "refused";
}
