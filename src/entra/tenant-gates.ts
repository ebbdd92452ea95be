import type { EntraTenantId } from "../domain/ids.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { monotonicMs } from "../domain/monotonic-ms.ts";

/**
 * One tenant's throttling is every run's: after a 429 nobody asks that tenant again before its time, then one call
 * goes ahead alone, and the others follow when it got through.
 * @see https://learn.microsoft.com/graph/throttling (read November 2026)
 */
export interface TenantGates {
  /**
   * Gives what must be called with the answer's status (0: none came).
   * @throws {MicrosoftError} microsoft_throttled while the gate is closed; nothing was sent then
   */
  enter(tenantId: EntraTenantId): (status: number, retryAfterMs?: number) => void;
}

/** How long a 429 without Retry-After counts. */
export const withoutHeaderMs = 5000;
const behindTheFirstMs = 1000;
const tenantsMax = 10_000;

export function createTenantGates(): TenantGates {
  const closed = new Map<EntraTenantId, { untilMs: number; isFirstUnderWay: boolean }>();
  const close = (tenantId: EntraTenantId, waitMs: number): void => {
    if (closed.size >= tenantsMax) closed.clear();
    const untilMs = Math.max(monotonicMs() + waitMs, closed.get(tenantId)?.untilMs ?? 0);
    closed.set(tenantId, { untilMs, isFirstUnderWay: false });
  };
  return {
    enter(tenantId) {
      const gate = closed.get(tenantId);
      if (gate) {
        const waitMs = gate.untilMs - monotonicMs();
        if (waitMs > 0) refuse(waitMs);
        if (gate.isFirstUnderWay) refuse(behindTheFirstMs);
        gate.isFirstUnderWay = true;
      }
      return (status, retryAfterMs) => {
        if (status === 429) close(tenantId, retryAfterMs ?? withoutHeaderMs);
        // Only the call that went ahead opens it: another may have been under way since before it closed.
        else if (gate && closed.get(tenantId) === gate) closed.delete(tenantId);
      };
    },
  };
}

/** Nothing was sent. @throws {MicrosoftError} microsoft_throttled */
export function refuse(waitMs: number): never {
  throw new MicrosoftError("microsoft_throttled", {
    status: 429,
    reason: "waiting_for_the_tenant",
    // Not all at the same moment.
    retryAfterMs: Math.ceil(waitMs * (1 + Math.random() / 2)),
  });
}
