import { IllegalStateError } from "@temporalio/common";
import type { Logger } from "../../src/domain/logger.ts";
import { installTemporalRuntime } from "../../src/processes/start-worker.ts";

const listeners = new Set<Logger>();

/**
 * What Temporal's runtime logs, the lines of activities among it, goes to every product that runs now. A process has one
 * runtime and the runtime one logger, while several test files share a process: the first file's log would get all.
 * @returns ends it for this product
 */
export function listenToRuntime(log: Logger): () => void {
  listeners.add(log);
  try {
    installTemporalRuntime({
      debug: (...line) => listeners.forEach((one) => one.debug(...line)),
      info: (...line) => listeners.forEach((one) => one.info(...line)),
      warn: (...line) => listeners.forEach((one) => one.warn(...line)),
      error: (...line) => listeners.forEach((one) => one.error(...line)),
    });
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error;
  }
  return () => void listeners.delete(log);
}
