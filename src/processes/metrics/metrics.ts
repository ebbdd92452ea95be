import { attentionCodes } from "../../domain/attention.ts";
import type { Database } from "../../db/client.ts";
import { type OperatorFigures, readOperatorFigures } from "../../db/operator-figures.ts";
import { systemClock } from "../../domain/clock.ts";
import { pollingWorkers } from "../../operations/polling-workers.ts";
import type { TemporalLook } from "../../domain/temporal-look.ts";
import type { Readiness } from "../../operations/readiness.ts";
import type { Telemetry } from "../../domain/telemetry.ts";
import { createInstruments, type Instruments } from "./instruments.ts";
import { meteredTelemetry } from "./metered-telemetry.ts";
import { monotonicMs } from "../../domain/monotonic-ms.ts";

type Workers = Awaited<ReturnType<typeof pollingWorkers>> | undefined;

/** Scrapes that come sooner share what the database said. */
const figuresFreshMs = 10_000;

/** What figures are taken from. */
export interface Seen {
  readonly database: Database;
  readonly temporal: TemporalLook;
  readonly readiness: Readiness;
}

export interface Metrics {
  /** The observer that counts. */
  readonly telemetry: Telemetry;
  /** All of it in Prometheus's text format. Never throws: without the database or Temporal their figures are missing. */
  text(seen: Seen): Promise<string>;
}

/**
 * The meter of one process.
 * @param more text of others in the same format, empty where there is none: Temporal's own
 */
export function createMetrics(more: () => Promise<string> = async () => ""): Metrics {
  const instruments = createInstruments();
  let kept:
    | { readonly atMs: number; readonly figures: OperatorFigures | undefined; readonly workers: Workers }
    | undefined;
  return {
    telemetry: meteredTelemetry(instruments),
    async text({ database, temporal, readiness }) {
      instruments.isReady.set(Number(readiness.status === "ready"));
      instruments.isDatabaseUp.set(Number(readiness.postgres));
      instruments.isTemporalUp.set(Number(readiness.temporal));
      if (kept === undefined || kept.atMs + figuresFreshMs < monotonicMs()) {
        const [figures, workers] = await Promise.all([
          readiness.postgres ? readOperatorFigures(database).catch(() => undefined) : undefined,
          readiness.temporal ? pollingWorkers(temporal, systemClock).catch(() => undefined) : undefined,
        ]);
        kept = { atMs: monotonicMs(), figures, workers };
      }
      showFigures(instruments, kept.figures);
      showWorkers(instruments, kept.workers);
      const [own, others] = await Promise.all([instruments.registry.metrics(), more()]);
      return others === "" ? own : `${own}\n${others}`;
    },
  };
}

/** Old figures would look like news, so what is not known is not shown. */
function showFigures(instruments: Instruments, figures: OperatorFigures | undefined): void {
  const { unfinished, oldestUnfinished, ended, connections, attention, webhookEndpoints } = instruments;
  const { needsOperator, isPaused, isCredentialRefused, unread, secretDays, feedPosition, webhookOldest } =
    instruments;
  for (const labelled of [unfinished, oldestUnfinished, ended, connections, attention, webhookEndpoints])
    labelled.reset();
  const plain = [
    needsOperator,
    isPaused,
    isCredentialRefused,
    unread,
    secretDays,
    feedPosition,
    webhookOldest,
  ];
  for (const one of plain) one.remove();
  if (!figures) return;
  for (const state of ["waiting", "running", "cleaning_up"] as const) {
    const found = figures.unfinished.find((one) => one.state === state);
    unfinished.set({ state }, found?.count ?? 0);
    oldestUnfinished.set({ state }, found?.oldestSeconds ?? 0);
  }
  for (const { status, count } of figures.connections) connections.set({ status }, count);
  for (const reason of attentionCodes) attention.set({ reason }, figures.attention.get(reason) ?? 0);
  unread.set(figures.unread);
  for (const { count, ...labels } of figures.ended) ended.set(labels, count);
  needsOperator.set(figures.needsOperator);
  isPaused.set(Number(figures.isPaused));
  isCredentialRefused.set(Number(figures.isCredentialRefused));
  if (figures.secretDaysLeft !== undefined) secretDays.set(figures.secretDaysLeft);
  feedPosition.set(figures.feedPosition);
  for (const state of ["well", "failing", "off"] as const)
    webhookEndpoints.set({ state }, figures.webhooks[state]);
  webhookOldest.set(figures.webhooks.oldestWaitingSeconds);
}

function showWorkers({ workersPolling }: Instruments, workers: Workers): void {
  workersPolling.reset();
  for (const kind of ["workflow", "activity"] as const)
    if (workers) workersPolling.set({ kind }, workers[kind]);
}
