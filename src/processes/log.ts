import type { LogLevel } from "../config/config.ts";
import type { LogFields, Logger } from "../domain/logger.ts";
import { currentIds } from "./current-ids.ts";

const order: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** What a terminal obeys or a reader does not see, beyond the controls that JSON escapes. */
const invisible = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A log line: one JSON object in which no text of others can begin a line, move a cursor or turn its direction. */
export function logLine(entry: object): string {
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${JSON.stringify(entry).replace(invisible, escape)}\n`;
}

/** One JSON object a line, to stderr. Only the fields given are written, so nothing slips in with an object. */
export function createLogger(level: LogLevel, base: LogFields = {}): Logger {
  const write =
    (of: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (order.indexOf(of) < order.indexOf(level)) return;
      process.stderr.write(
        logLine({ time: new Date().toISOString(), level: of, message, ...base, ...currentIds(), ...fields }),
      );
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
