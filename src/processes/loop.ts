import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseError } from "../db/database-error.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { Logger } from "../domain/logger.ts";

export interface Loop {
  /** Cancels the pass under way, and waits until it has ended. */
  stop(): Promise<void>;
}

const afterFailureMs = 15_000;

/** A code, or a name; no text from outside. */
function reasonOf(error: unknown): string {
  if (error instanceof CodedError) return error.code;
  return error instanceof DatabaseError ? error.message : (error as Error).name;
}

/**
 * Does `pass` now and then after the pause that it answers, in ms. A failing pass is logged and tried again. What may
 * wait for Microsoft ends with the signal: a stop has little time.
 */
export function startLoop(what: string, log: Logger, pass: (stopped: AbortSignal) => Promise<number>): Loop {
  const stopping = new AbortController();
  const pauseAfterPass = async (): Promise<number> => {
    try {
      return await pass(stopping.signal);
    } catch (error) {
      if (stopping.signal.aborted) return 0;
      log.warn(`${what} failed, will try again`, {
        reason: reasonOf(error),
      });
      return afterFailureMs;
    }
  };
  const running = (async () => {
    while (!stopping.signal.aborted)
      await sleep(await pauseAfterPass(), undefined, { signal: stopping.signal }).catch(() => undefined);
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
