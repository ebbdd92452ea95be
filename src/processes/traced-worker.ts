import type { InjectedSinks, WorkerOptions } from "@temporalio/worker";
import type { Tracing } from "../domain/tracing.ts";
import { traceParentIn } from "../temporal/trace-interceptors.ts";
import type { TraceSinks } from "../workflows/trace-interceptors.ts";
import { workflowSource } from "./workflow-source.ts";

/** Has activities go on the trace that their run carries, and hears of runs that ended. */
export function tracedWorker(
  tracing: Tracing,
  { isBundled }: { readonly isBundled: boolean },
): Pick<WorkerOptions, "interceptors" | "sinks"> {
  const sinks: InjectedSinks<TraceSinks> = {
    tracing: { endedRun: { fn: (_info, run) => tracing.endedRun(run), callDuringReplay: false } },
  };
  return {
    sinks,
    interceptors: {
      // A bundle has them already, and the SDK warns of what it ignores.
      ...(isBundled ? {} : { workflowModules: workflowSource.workflowInterceptorModules }),
      activity: [
        () => ({
          inbound: {
            execute: (input, next) => tracing.within(traceParentIn(input.headers), () => next(input)),
          },
        }),
      ],
    },
  };
}
