import type { ErrorCode } from "./error-codes.ts";
import type { LogFields } from "./logger.ts";

/** One thing that a process does. Its name is one of few, so that it can be a metric's: no id, nothing of others. */
export interface Operation {
  /** A route answers, an attempt of an activity runs, Microsoft is called. */
  readonly kind: "request" | "activity" | "microsoft";
  readonly name: string;
  /** Whose: for lines and spans, never a metric's label. What is done within carries them too. */
  readonly ids?: LogFields;
  /** The W3C `traceparent` that came with it, from whoever. */
  readonly traceParent?: string | undefined;
}

/** An HTTP status (0: no answer came), or the code of a failure. */
export type Outcome = number | ErrorCode | "ok";

/** Says how it ended, once; the fields are for the log line. */
export type End = (outcome: Outcome, fields?: LogFields) => void;

/** Where operations are observed from: a meter counts and times them, a tracer opens a span around the work. */
export interface Telemetry {
  /** Does the work and gives its result, or throws what it throws. Work that threw without a word is `internal`. */
  around<T>(operation: Operation, work: (end: End) => Promise<T>): Promise<T>;
}

/** Observes nothing. */
export const noTelemetry: Telemetry = { around: (_operation, work) => work(() => {}) };
