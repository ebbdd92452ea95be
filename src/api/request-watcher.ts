import { setTimeout as sleep } from "node:timers/promises";
import { findRequest } from "../db/provision-requests/find-request.ts";
import type { Database } from "../db/client.ts";
import type { RequestChanges } from "../db/request-changes.ts";
import { followSignal } from "../domain/follow-signal.ts";
import type { ProvisionRequestId } from "../domain/ids.ts";
import type { OperationRef } from "../domain/connection-operation.ts";
import type { StepProgress } from "../domain/provision-contract.ts";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import type { OperationRuns } from "../domain/operation-runs.ts";
import { shareReads } from "./share-reads.ts";

/**
 * Looks at requests for everybody who waits for the same one: streams, polling pages, callbacks. However many wait, a
 * request costs what one of them costs; when nobody asks, nothing is looked at. Failures are shared and not kept.
 */
export interface RequestWatcher {
  /** The row as it was at most 25 ms ago. For those who wait; whoever has just written looks for themselves. */
  row(id: ProvisionRequestId): Promise<ProvisionRequest | undefined>;
  /** The steps as they were at most 400 ms ago; read anew once the row has moved on. */
  steps(operation: OperationRef & { readonly status: string }): Promise<readonly StepProgress[]>;
  /** Notices changes from now on, also those that come before `change` is asked for. `close` it. */
  watch(id: ProvisionRequestId): Watch;
}

/** One request, watched by one who waits. */
export interface Watch {
  /** PostgreSQL tells: whoever waits need not look by itself, save to be safe. */
  readonly isTold: boolean;
  /** Resolves at the next change of its status, or of which one cannot know, but at the latest after `ms`. */
  change(ms: number, signal?: AbortSignal): Promise<void>;
  close(): void;
}

const rowKeptMs = 25;
const stepsKeptMs = 400;

export function createRequestWatcher(
  database: Database,
  runs: OperationRuns,
  changes: RequestChanges,
): RequestWatcher {
  const rows = shareReads<ProvisionRequest | undefined>(rowKeptMs);
  const steps = shareReads<readonly StepProgress[]>(stepsKeptMs);
  return {
    row: (id) => rows.read(id, () => findRequest(database, id)),
    steps: (operation) => steps.read(`${operation.id} ${operation.status}`, () => runs.steps(operation)),
    watch(id) {
      let changed = new AbortController();
      const leave = changes.watch(id, () => {
        // A row that was read before the change must not answer those who are woken by it.
        rows.forget(id);
        changed.abort();
      });
      return {
        get isTold() {
          return changes.isTold;
        },
        async change(ms, signal) {
          const unfollow = followSignal(changed, signal);
          await sleep(ms, undefined, { signal: changed.signal }).catch(() => undefined);
          unfollow();
          if (changed.signal.aborted) changed = new AbortController();
        },
        close: leave,
      };
    },
  };
}
