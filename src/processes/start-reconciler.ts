import type { Logger } from "../domain/logger.ts";
import type { OperationsContext } from "../operations/context.ts";
import { reconcile } from "../operations/reconcile.ts";
import { type Loop, startLoop } from "./loop.ts";

const everyMs = 15_000;
/** While proved requests wait for a free place in their tenant. */
const everyMsWithBacklog = 300;

/** Reconciles now and every 15 s until stopped, three times a second while requests wait for a free place. */
export function startReconciler(
  ctx: OperationsContext & { readonly log: Logger },
  input: { readonly ssoOrigin: string },
): Loop {
  return startLoop("reconciling", ctx.log, async () => {
    const { waiting } = await reconcile({ ctx, input });
    return waiting > 0 ? everyMsWithBacklog : everyMs;
  });
}
