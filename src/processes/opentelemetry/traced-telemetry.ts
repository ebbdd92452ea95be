import { type Attributes, type Span, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { isErrorCode } from "../../domain/error-codes.ts";
import type { LogFields } from "../../domain/logger.ts";
import type { Operation, Outcome, Telemetry } from "../../domain/telemetry.ts";
import { attributesOf } from "./attributes.ts";
import type { Spans } from "./spans.ts";

const kinds = {
  request: SpanKind.SERVER,
  activity: SpanKind.CONSUMER,
  microsoft: SpanKind.CLIENT,
} as const;
/** Asked every few seconds by machines. */
const untraced: readonly string[] = ["GET /healthz", "GET /readyz"];

/** A span for each operation, under a name of few and with attributes of the list. */
export function tracedTelemetry(spans: Spans): Telemetry {
  return {
    around(operation, work) {
      if (untraced.includes(operation.name)) return work(() => {});
      const options = { kind: kinds[operation.kind], attributes: beginningOf(operation) };
      return spans.within(operation.traceParent, () =>
        spans.around(nameOf(operation), options, async (span) => {
          let ended: { outcome: Outcome; fields: LogFields } = { outcome: "internal", fields: {} };
          try {
            return await work((outcome, fields = {}) => void (ended = { outcome, fields }));
          } finally {
            describe(span, operation, ended.outcome, ended.fields);
          }
        }),
      );
    },
  };
}

/** A request's own name is `GET /path`, as OpenTelemetry has it. */
const nameOf = ({ kind, name }: Operation): string => (kind === "request" ? name : `${kind} ${name}`);

function beginningOf({ kind, name, ids = {} }: Operation): Attributes {
  return {
    ...attributesOf(ids),
    ...(kind === "request" ? { "http.route": name.replace(/^[A-Z]+ /, "") } : {}),
    ...(kind === "activity" ? { "authio.step": name } : {}),
  };
}

function describe(span: Span, { kind }: Operation, outcome: Outcome, fields: LogFields): void {
  span.setAttributes(attributesOf(fields));
  if (typeof outcome === "number") span.setAttribute("http.response.status_code", outcome);
  else if (isErrorCode(outcome)) span.setAttribute("error.type", outcome);
  if (hasFailed(kind, outcome)) span.setStatus({ code: SpanStatusCode.ERROR });
}

/** A server's refusals are no errors of its own; a client's are. */
function hasFailed(kind: Operation["kind"], outcome: Outcome): boolean {
  if (outcome === "ok") return false;
  return typeof outcome !== "number" || outcome === 0 || outcome >= (kind === "request" ? 500 : 400);
}
