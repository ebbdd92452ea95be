import { CodedError } from "../domain/coded-error.ts";
import { createForgivenCounts } from "../domain/forgiven-counts.ts";
import type { ConnectionId } from "../domain/ids.ts";
import { monotonicMs } from "../domain/monotonic-ms.ts";

/** Who asks for a redemption with a connection's secret; the visitor is a network address. */
export interface Redeemer {
  readonly connectionId: ConnectionId;
  readonly visitor: string;
}

/**
 * Keeps the number of calls that one connection makes at Microsoft small. Calls beyond it queue, fairly: one visitor
 * fills neither all places nor the whole queue. Only codes that Microsoft refused count against a visitor.
 * Of one process; a visitor's junk costs at most so much in each.
 */
export interface RedemptionGate {
  /** @throws {CodedError} too_many_refused_codes, service_unavailable (the queue is full); nothing was sent then */
  enter<T>(redeemer: Redeemer, work: () => Promise<T>): Promise<T>;
  /** Microsoft refused this visitor's code. */
  countRefusal(redeemer: Redeemer): void;
}

const limits = { running: 16, runningOfVisitor: 8, waiting: 600, waitingOfVisitor: 200 } as const;
/** So many at once, then one each three seconds. */
const refusalsMax = 20;
const forgivenAfterMs = 3000;
const busyRetryMs = 2000;

interface Line {
  /** By visitor. */
  readonly running: string[];
  readonly waiting: { readonly redeemer: Redeemer; readonly go: () => void }[];
}

export function createRedemptionGate(now: () => number = monotonicMs): RedemptionGate {
  const lines = new Map<ConnectionId, Line>();
  const refusals = createForgivenCounts({ max: refusalsMax, forgivenAfterMs }, now);
  const keyOf = ({ connectionId, visitor }: Redeemer): string => `${connectionId} ${visitor}`;

  function requireFewRefusals(redeemer: Redeemer): void {
    const retryAfterMs = refusals.waitMs(keyOf(redeemer));
    if (retryAfterMs > 0) throw new CodedError("too_many_refused_codes", undefined, { retryAfterMs });
  }

  /** The nearer a visitor comes to the limit, the fewer at once: they could all be refused. */
  function hasPlace(line: Line, redeemer: Redeemer): boolean {
    const left = Math.floor(refusalsMax - refusals.countOf(keyOf(redeemer)));
    const places = Math.max(1, Math.min(limits.runningOfVisitor, left));
    return line.running.length < limits.running && countOf(line.running, redeemer.visitor) < places;
  }

  async function takePlace(line: Line, redeemer: Redeemer): Promise<void> {
    const { visitor } = redeemer;
    if (hasPlace(line, redeemer)) return void line.running.push(visitor);
    const waiting = line.waiting.map((one) => one.redeemer.visitor);
    if (waiting.length >= limits.waiting || countOf(waiting, visitor) >= limits.waitingOfVisitor)
      throw new CodedError("service_unavailable", undefined, { retryAfterMs: busyRetryMs });
    return new Promise((go) => void line.waiting.push({ redeemer, go }));
  }

  /** Places go to the first who may have one. */
  function leavePlace(line: Line, { visitor }: Redeemer): void {
    line.running.splice(line.running.indexOf(visitor), 1);
    for (;;) {
      const next = line.waiting.findIndex((one) => hasPlace(line, one.redeemer));
      const [first] = next < 0 ? [] : line.waiting.splice(next, 1);
      if (!first) return;
      line.running.push(first.redeemer.visitor);
      first.go();
    }
  }

  return {
    async enter(redeemer, work) {
      requireFewRefusals(redeemer);
      const { connectionId } = redeemer;
      const line = lines.get(connectionId) ?? { running: [], waiting: [] };
      lines.set(connectionId, line);
      await takePlace(line, redeemer);
      try {
        // Those before it in the queue may have been refused meanwhile.
        requireFewRefusals(redeemer);
        return await work();
      } finally {
        leavePlace(line, redeemer);
        if (line.running.length === 0) lines.delete(connectionId);
      }
    },
    countRefusal: (redeemer) => refusals.add(keyOf(redeemer)),
  };
}

function countOf(visitors: readonly string[], visitor: string): number {
  return visitors.filter((one) => one === visitor).length;
}
