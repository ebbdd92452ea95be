import { setTimeout as sleep } from "node:timers/promises";
import { CodedError } from "../domain/coded-error.ts";
import type { Logger } from "../domain/logger.ts";

export interface Loop {
  /** Lets the pass under way finish. */
  stop(): Promise<void>;
}

const afterFailureMs = 15_000;

/** Does `pass` now and then after the pause that it answers, in ms. A failing pass is logged and tried again. */
export function startLoop(what: string, log: Logger, pass: () => Promise<number>): Loop {
  const stopping = new AbortController();
  const pauseAfterPass = async (): Promise<number> => {
    try {
      return await pass();
    } catch (error) {
      log.warn(`${what} failed, will try again`, {
        reason: error instanceof CodedError ? error.code : (error as Error).name,
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
