/** The header of Temporal's that carries a trace, as its other SDKs name and write it: JSON of W3C's fields. */
export const traceHeader = "_tracer-data";

export interface TraceFields {
  readonly traceparent?: string;
}

/** What the header's value holds; undefined for what is not ours, whoever wrote it. */
export function traceParentOf(fields: unknown): string | undefined {
  const { traceparent } = (fields ?? {}) as { traceparent?: unknown };
  return typeof traceparent === "string" ? traceparent : undefined;
}
