import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { parseTraceParent } from "../../domain/trace-parent.ts";
import type { EndedRun } from "../../domain/tracing.ts";
import { remote } from "./spans.ts";

/** Spans of workflows, whose ids are known before they end: their activities stand under them. */
export interface RunSpans {
  readonly ended: (run: EndedRun) => void;
}

export function openRunSpans(
  processor: SpanProcessor,
  resource: Resource,
  scope: { name: string },
): RunSpans {
  return {
    ended({ name, self, parent, startMs, endMs, isOk }) {
      const [own, before] = [parseTraceParent(self), parseTraceParent(parent)];
      if (!own || !before) return;
      processor.onEnd({
        name: `workflow ${name}`,
        kind: SpanKind.INTERNAL,
        spanContext: () => remote(own),
        parentSpanContext: remote(before),
        startTime: hrTime(startMs),
        endTime: hrTime(endMs),
        duration: hrTime(endMs - startMs),
        status: { code: isOk ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
        attributes: {},
        links: [],
        events: [],
        ended: true,
        resource,
        instrumentationScope: scope,
        droppedAttributesCount: 0,
        droppedEventsCount: 0,
        droppedLinksCount: 0,
      });
    },
  };
}

/** Whole seconds, and nanoseconds beside them. */
const hrTime = (ms: number): [number, number] => [Math.trunc(ms / 1000), Math.round((ms % 1000) * 1e6)];
