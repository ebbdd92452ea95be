import type { WorkflowClientInterceptor } from "@temporalio/client";
import type { Headers } from "@temporalio/common";
import { traceHeader, traceParentOf } from "../domain/run-headers.ts";
import type { Tracing } from "../domain/tracing.ts";
import { defaultPayloadConverter } from "./sdk.ts";

/** Has each run that is started carry the trace of whoever starts it. */
export function tracedStarts({ current }: Tracing): WorkflowClientInterceptor {
  const carried = <I extends { readonly headers: Headers }>(input: I): I => {
    const traceparent = current();
    return traceparent === undefined
      ? input
      : {
          ...input,
          headers: { ...input.headers, [traceHeader]: defaultPayloadConverter.toPayload({ traceparent }) },
        };
  };
  return {
    startWithDetails: (input, next) => next(carried(input)),
    signalWithStart: (input, next) => next(carried(input)),
  };
}

/** The `traceparent` that came with a task; undefined where none did, or one of another kind. */
export function traceParentIn(headers: Headers): string | undefined {
  const payload = headers[traceHeader];
  if (!payload) return undefined;
  try {
    return traceParentOf(defaultPayloadConverter.fromPayload(payload));
  } catch {
    return undefined;
  }
}
