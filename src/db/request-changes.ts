import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import type { ProvisionRequestId } from "../domain/ids.ts";
import type { PostgresTarget } from "../domain/postgres-target.ts";
import { driverOptions } from "./driver-options.ts";
import { targetOf } from "./target.ts";

/** Named in the migration whose trigger tells of each change of a request's status. */
const channel = "ms_provision_requests";

/** Lets PostgreSQL tell which request has changed, with one connection for all who wait in this process. */
export interface RequestChanges {
  /** Whether a change is told now. While it is not (at first, in an outage, behind a pooler) one looks more often. */
  readonly isTold: boolean;
  /** Calls `listener` at each change of the request until what it gives is called, and once whenever some may have been missed. */
  watch(id: ProvisionRequestId, listener: () => void): () => void;
  close(): Promise<void>;
}

const againAfterMs = { first: 200, most: 5000 };
/** Nobody else speaks on the connection: what only falls silent, as when a host or a proxy is gone, is noticed by this. */
const pulseMsDefault = 5000;
const unansweredMax = 2;

/**
 * Connects with the first who waits, and again whenever the connection is lost. Behind a pooler that lends connections
 * for a transaction there is no LISTEN, so nothing is ever told.
 */
export function openRequestChanges(
  url: PostgresTarget | string,
  pulseMs: number = pulseMsDefault,
): RequestChanges {
  const target = targetOf(url);
  const listeners = new Map<string, Set<() => void>>();
  const stopping = new AbortController();
  let isTold = false;
  let running: Promise<void> | undefined;

  const tellAll = (): void => {
    for (const those of listeners.values()) for (const listener of those) listener();
  };

  async function keepListening(): Promise<void> {
    let pauseMs = againAfterMs.first;
    for (let hosts = 0; !stopping.signal.aborted; hosts += 1) {
      const wasTold = await listenOnce(target.hosts[hosts % target.hosts.length] ?? { kind: "tcp" });
      pauseMs = wasTold ? againAfterMs.first : Math.min(pauseMs * 2, againAfterMs.most);
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  /** Until the connection ends; gives whether it was one. */
  async function listenOnce(host: PostgresTarget["hosts"][number]): Promise<boolean> {
    let noteLoss = (): void => undefined;
    const lost = new Promise<void>((resolve) => (noteLoss = resolve));
    const sql = postgres({
      ...driverOptions(target, host, {}),
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      onclose: () => noteLoss(),
      // The driver's own `listen` gives up for good when its second connection fails; this is what it is built on.
      onnotify: (_channel: string, id: string) => {
        for (const listener of listeners.get(id) ?? []) listener();
      },
    } as NonNullable<Parameters<typeof postgres>[1]>);
    stopping.signal.addEventListener("abort", noteLoss, { once: true });
    let wasTold = false;
    let unanswered = 0;
    const pulse = setInterval(() => {
      if (unanswered === unansweredMax) return noteLoss();
      unanswered += 1;
      void sql.unsafe("select 1").then(() => (unanswered = 0), noteLoss);
    }, pulseMs);
    try {
      const listening = sql.unsafe(`listen ${channel}`).then(() => true);
      wasTold = isTold = await Promise.race([listening, lost.then(() => false)]);
      // What changed before this connection was told to nobody.
      tellAll();
      await lost;
    } catch {
      // Polling goes on meanwhile, and each caller meets the outage itself.
    } finally {
      isTold = false;
      clearInterval(pulse);
      stopping.signal.removeEventListener("abort", noteLoss);
      await sql.end({ timeout: 0 }).catch(() => undefined);
      tellAll();
    }
    return wasTold;
  }

  return {
    get isTold() {
      return isTold;
    },
    watch(id, listener) {
      if (!target.isPooled) running ??= keepListening();
      const those = listeners.get(id) ?? new Set();
      listeners.set(id, those.add(listener));
      return () => {
        those.delete(listener);
        if (those.size === 0 && listeners.get(id) === those) listeners.delete(id);
      };
    },
    async close() {
      stopping.abort();
      await running;
    },
  };
}
