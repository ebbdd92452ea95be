import { hastenTry } from "../db/credential-breaker.ts";
import { pauseProvisioning, resumeProvisioning } from "../db/pauses.ts";
import type { OperationsContext } from "./context.ts";

interface Order {
  readonly ctx: Pick<OperationsContext, "database">;
  readonly input: { readonly operator: string; readonly reason: string };
}

/**
 * Nothing begins any more, in no directory: what is proved waits, what is under way ends, sign-in goes on. False where it
 * was paused already.
 */
export async function pause({ ctx, input }: Order): Promise<boolean> {
  return pauseProvisioning(ctx.database, { actor: `operator:${input.operator}`, reason: input.reason });
}

/** What a resume found to do. */
export interface Resumed {
  /** An operator's pause was ended; workers begin what waits within 15 s. */
  readonly ended: boolean;
  /** Our own credential counts as refused, and is tried at once. */
  readonly triesCredential: boolean;
}

/** Ends the pause, and has our own credential tried where that holds everything up. */
export async function resume({ ctx, input }: Order): Promise<Resumed> {
  const order = { actor: `operator:${input.operator}`, reason: input.reason } as const;
  return {
    ended: await resumeProvisioning(ctx.database, order),
    triesCredential: await hastenTry(ctx.database),
  };
}
