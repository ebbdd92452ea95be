import type { Database } from "../db/client.ts";
import type { ProvisionRuns } from "../domain/provision-runs.ts";

/** What every verb works with, whoever asks: a route, a command or a worker. */
export interface OperationsContext {
  readonly database: Database;
  readonly runs: ProvisionRuns;
}
