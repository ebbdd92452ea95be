import type { EntraTenantId } from "../domain/ids.ts";
import type { TenantPause, TenantPauses } from "../domain/tenant-pauses.ts";
import { createTenantGates, refuse, type TenantGates, withoutHeaderMs } from "./tenant-gates.ts";
import { monotonicMs } from "../domain/monotonic-ms.ts";

/** `TenantGates` of all processes of an installation. */
export interface InstallationGates {
  /**
   * Gives what must be called with the answer's status (0: none came).
   * @throws {MicrosoftError} microsoft_throttled while any process must wait for the tenant; nothing was sent then
   */
  enter(tenantId: EntraTenantId): Promise<(status: number, retryAfterMs?: number) => Promise<void>>;
}

/** Calls of one step follow each other at once; what was said of the tenant a moment ago holds for them. */
const keptMs = 200;
const keptMax = 10_000;

/**
 * Puts what the processes share before the gates of this one, which go on alone while the shared part is away. A tenant
 * that nobody throttles costs one look every 200 ms at most.
 */
export function createInstallationGates(
  pauses: TenantPauses,
  gates: TenantGates = createTenantGates(),
): InstallationGates {
  const freeUntilMs = new Map<EntraTenantId, number>();

  async function ask(tenantId: EntraTenantId): Promise<TenantPause> {
    if ((freeUntilMs.get(tenantId) ?? 0) > monotonicMs()) return { kind: "none" };
    const pause = await pauses.ask(tenantId).catch((): TenantPause => ({ kind: "none" }));
    if (freeUntilMs.size >= keptMax) freeUntilMs.clear();
    if (pause.kind === "none") freeUntilMs.set(tenantId, monotonicMs() + keptMs);
    return pause;
  }

  return {
    async enter(tenantId) {
      const leave = gates.enter(tenantId);
      const pause = await ask(tenantId);
      if (pause.kind === "pause") {
        // As if it had been told here: the next caller of this process need not ask.
        leave(429, pause.waitMs);
        refuse(pause.waitMs);
      }
      return async (status, retryAfterMs) => {
        leave(status, retryAfterMs);
        if (status === 429) {
          freeUntilMs.delete(tenantId);
          await pauses.pause(tenantId, retryAfterMs ?? withoutHeaderMs).catch(() => undefined);
        } else if (pause.kind === "first") await pauses.resume(tenantId).catch(() => undefined);
      };
    },
  };
}
