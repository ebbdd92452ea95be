import type { LogLevel } from "../config/config.ts";
import type { LogFields, Logger } from "../domain/logger.ts";

const order: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** One JSON object a line, to stderr. Only the fields given are written, so nothing slips in with an object. */
export function createLogger(level: LogLevel, base: LogFields = {}): Logger {
  const write =
    (of: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (order.indexOf(of) < order.indexOf(level)) return;
      process.stderr.write(
        `${JSON.stringify({ time: new Date().toISOString(), level: of, message, ...base, ...fields })}\n`,
      );
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
