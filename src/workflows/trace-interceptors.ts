import { defaultPayloadConverter, type Headers } from "@temporalio/common";
import {
  ContinueAsNew,
  proxySinks,
  type Sinks,
  type WorkflowInterceptors,
  type WorkflowInterceptorsFactory,
  workflowInfo,
} from "@temporalio/workflow";
import { type TraceFields, traceHeader, traceParentOf } from "../domain/run-headers.ts";
import { formatTraceParent, parseTraceParent, type TraceParent } from "../domain/trace-parent.ts";
import type { EndedRun } from "../domain/tracing.ts";

/** Where a worker hears of runs that ended. */
export interface TraceSinks extends Sinks {
  readonly tracing: { endedRun(run: EndedRun): void };
}

const { tracing } = proxySinks<TraceSinks>();

/**
 * Carries a trace from what started a run to its activities. Headers are no commands, and nothing random is asked for:
 * the run's span is named after its run id. So each history replays the same with and without a trace.
 */
export const interceptors: WorkflowInterceptorsFactory = (): WorkflowInterceptors => {
  let self: TraceParent | undefined;
  const carried = <I extends { readonly headers: Headers }>(input: I): I =>
    self ? { ...input, headers: { ...input.headers, [traceHeader]: payloadOf(self) } } : input;
  return {
    inbound: [
      {
        async execute(input, next) {
          const parent = parentIn(input.headers);
          if (!parent) return next(input);
          const { runId, workflowType, startTime } = workflowInfo();
          self = { ...parent, spanId: runId.replaceAll("-", "").slice(-16) };
          const run = {
            name: workflowType,
            self: formatTraceParent(self),
            parent: formatTraceParent(parent),
            startMs: startTime.getTime(),
          };
          let isOk = true;
          try {
            return await next(input);
          } catch (error) {
            isOk = error instanceof ContinueAsNew;
            throw error;
          } finally {
            tracing.endedRun({ ...run, endMs: Date.now(), isOk });
          }
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(carried(input)),
        continueAsNew: (input, next) => next(carried(input)),
      },
    ],
  };
};

function parentIn(headers: Headers): TraceParent | undefined {
  const payload = headers[traceHeader];
  if (!payload) return undefined;
  try {
    return parseTraceParent(traceParentOf(defaultPayloadConverter.fromPayload(payload)));
  } catch {
    // Somebody else's, in another encoding.
    return undefined;
  }
}

const payloadOf = (self: TraceParent) => {
  const fields: TraceFields = { traceparent: formatTraceParent(self) };
  return defaultPayloadConverter.toPayload(fields);
};
