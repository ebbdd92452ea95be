import type { Database } from "../db/client.ts";
import type { Clock } from "../domain/clock.ts";
import type { OperationRuns } from "../domain/operation-runs.ts";

/** What every verb works with, whoever asks: a route, a command or a worker. */
export interface OperationsContext {
  readonly database: Database;
  readonly runs: OperationRuns;
  readonly clock: Clock;
}
