import { type Span, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { Tracing } from "../../domain/tracing.ts";
import { nameOfStatement } from "./name-of-statement.ts";
import type { RunSpans } from "./run-spans.ts";
import type { Spans } from "./spans.ts";

/** The port over OpenTelemetry's spans. */
export function tracingOver(spans: Spans, runs: RunSpans): Tracing {
  const named = new WeakSet<Span>();
  const database = new WeakSet<Span>();
  return {
    current: spans.current,
    within: spans.within,
    span: (name, work) => spans.around(name, { kind: SpanKind.INTERNAL }, () => failing(spans, work)),
    database(work) {
      if (!spans.span()?.isRecording()) return work();
      const options = { kind: SpanKind.CLIENT, attributes: { "db.system.name": "postgresql" } };
      return spans.around("postgres", options, (span) => {
        database.add(span);
        return failing(spans, work);
      });
    },
    statement(text) {
      const span = spans.span();
      const name = span && database.has(span) && !named.has(span) ? nameOfStatement(text) : undefined;
      if (!span || name === undefined) return;
      named.add(span);
      span.updateName(`postgres ${name}`);
    },
    endedRun: runs.ended,
  };
}

async function failing<T>(spans: Spans, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Its text may be another's.
    spans.span()?.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  }
}
