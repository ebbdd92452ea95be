import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  createContextKey,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  TraceFlags,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { formatTraceParent, parseTraceParent, type TraceParent } from "../../domain/trace-parent.ts";

/** Spans of one process, each part of the one that it begins in. Nothing global: two may live in one process. */
export interface Spans {
  readonly current: () => string | undefined;
  readonly within: <T>(parent: string | null | undefined, work: () => T) => T;
  /** The span ends with the work. */
  around<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
  /** The innermost span. */
  span(): Span | undefined;
}

/** What ran where another trace was entered. */
const cameFrom = createContextKey("authio.came_from");

export function openSpans(tracer: Tracer): Spans {
  const storage = new AsyncLocalStorage<Context>();
  const here = (): Context => storage.getStore() ?? ROOT_CONTEXT;
  return {
    current() {
      const span = trace.getSpanContext(here());
      return span && formatTraceParent(parentOf(span));
    },
    within(text, work) {
      const parent = parseTraceParent(text);
      const before = trace.getSpanContext(here());
      if (!parent || parent.traceId === before?.traceId) return work();
      return storage.run(trace.setSpanContext(here(), remote(parent)).setValue(cameFrom, before), work);
    },
    async around(name, options, work) {
      const from = here().getValue(cameFrom) as SpanContext | undefined;
      const links = from ? [{ context: from }] : [];
      const span = tracer.startSpan(name, { ...options, links }, here());
      try {
        return await storage.run(trace.setSpan(here(), span).deleteValue(cameFrom), () => work(span));
      } finally {
        span.end();
      }
    },
    span: () => trace.getSpan(here()),
  };
}

const parentOf = ({ traceId, spanId, traceFlags }: SpanContext): TraceParent => ({
  traceId,
  spanId,
  isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0,
});

export const remote = ({ traceId, spanId, isSampled }: TraceParent): SpanContext => ({
  traceId,
  spanId,
  traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
  isRemote: true,
});
