/** Somebody who asks Temporal for work on our task queue. */
export interface Poller {
  readonly kind: "workflow" | "activity";
  readonly lastSeenAt: Date;
}

/** What `doctor` asks Temporal beside `OperationRuns`; its adapter is `temporal/temporal-look.ts`. */
export interface TemporalLook {
  /** Names of the namespace's own attributes; undefined where the key may not list them. Throws when Temporal is away. */
  searchAttributes(): Promise<readonly string[] | undefined>;
  /** Who polled lately; Temporal forgets them within minutes. Throws when Temporal is away. */
  pollers(): Promise<readonly Poller[]>;
}
