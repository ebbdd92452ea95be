import { findRequest } from "../db/provision-requests/find-request.ts";
import type { Database } from "../db/client.ts";
import type { ProvisionRequestId } from "../domain/ids.ts";
import type { StepProgress } from "../domain/provision-contract.ts";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import type { ProvisionRuns } from "../domain/provision-runs.ts";

/**
 * Looks at requests for everybody who waits for the same one: streams, polling pages, callbacks. However many wait, a
 * request costs what one of them costs; when nobody asks, nothing is looked at. Failures are shared and not kept.
 */
export interface RequestWatcher {
  /** The row as it was at most 25 ms ago. For those who wait; whoever has just written looks for themselves. */
  row(id: ProvisionRequestId): Promise<ProvisionRequest | undefined>;
  /** The steps as they were at most 400 ms ago; read anew once the row has moved on. */
  steps(request: ProvisionRequest): Promise<readonly StepProgress[]>;
}

const rowKeptMs = 25;
const stepsKeptMs = 400;

export function createRequestWatcher(database: Database, runs: ProvisionRuns): RequestWatcher {
  const rows = shareReads<ProvisionRequest | undefined>(rowKeptMs);
  const steps = shareReads<readonly StepProgress[]>(stepsKeptMs);
  return {
    row: (id) => rows(id, () => findRequest(database, id)),
    steps: (request) =>
      steps(`${request.id} ${request.generation} ${request.status}`, () => runs.steps(request)),
  };
}

/** Joins reads of one key: those that come while one is under way, or within `keptMs` after it, get its answer. */
export function shareReads<T>(keptMs: number): (key: string, read: () => Promise<T>) => Promise<T> {
  const held = new Map<string, Promise<T>>();
  return (key, read) => {
    const known = held.get(key);
    if (known) return known;
    const reading = read();
    const forget = (): void => void held.delete(key);
    held.set(key, reading);
    void reading.then(() => setTimeout(forget, keptMs).unref(), forget);
    return reading;
  };
}
