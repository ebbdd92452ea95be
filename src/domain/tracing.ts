/** A run of a workflow that has ended, as its sandbox tells it. */
export interface EndedRun {
  readonly name: string;
  /** The `traceparent` of the run itself, under which its activities stand. */
  readonly self: string;
  /** The `traceparent` of what started it. */
  readonly parent: string;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  readonly isOk: boolean;
}

/** Traces that go on elsewhere, beside what `Telemetry` sees: in a later request, in a run, in Postgres. */
export interface Tracing {
  /** The W3C `traceparent` of what runs now; undefined outside of every trace. */
  readonly current: () => string | undefined;
  /**
   * Does work in the trace of `parent`, which began elsewhere, as part of what runs now where that is the same trace. A
   * span that begins in it is linked with what ran before. Without a parent, or one that is none: simply does the work.
   */
  readonly within: <T>(parent: string | null | undefined, work: () => T) => T;
  /** Does work under a span of this name, which holds no id and nothing of others. */
  readonly span: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  /** The same for work in Postgres, only as a part of something else: what nobody waits for is no trace of its own. */
  readonly database: <T>(work: () => Promise<T>) => Promise<T>;
  /** A statement of it is sent, its values apart: the first that names a table names it. */
  readonly statement: (text: string) => void;
  /** A run ended, once or seldom twice: a task that failed is done again. */
  readonly endedRun: (run: EndedRun) => void;
}

/** Traces nothing. */
export const noTracing: Tracing = {
  current: () => undefined,
  within: (_parent, work) => work(),
  span: (_name, work) => work(),
  database: (work) => work(),
  statement: () => {},
  endedRun: () => {},
};
