import type { Logger } from "../domain/logger.ts";
import type { OperationsContext } from "../operations/context.ts";
import { reconcile } from "../operations/reconcile.ts";
import { type Loop, startLoop } from "./loop.ts";
import { monotonicMs } from "../domain/monotonic-ms.ts";

const everyMs = 15_000;
/** While proved requests wait for a free place in their tenant. */
const everyMsWithBacklog = 300;

/**
 * Reconciles now and every 15 s until stopped. While requests wait for a free place, what waits is looked at three times
 * a second in between, and only that: each run that is open would cost a call to Temporal.
 */
export function startReconciler(
  ctx: Pick<OperationsContext, "database" | "runs"> & { readonly log: Logger },
  { ssoOrigin }: { readonly ssoOrigin: string },
): Loop {
  let wholeAtMs = 0;
  return startLoop("reconciling", ctx.log, async () => {
    const onlyWaiting = monotonicMs() < wholeAtMs;
    if (!onlyWaiting) wholeAtMs = monotonicMs() + everyMs;
    const { waiting } = await reconcile({ ctx, input: { ssoOrigin, onlyWaiting } });
    return waiting > 0 ? everyMsWithBacklog : Math.max(wholeAtMs - monotonicMs(), everyMsWithBacklog);
  });
}
