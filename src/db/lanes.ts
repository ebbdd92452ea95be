import postgres from "postgres";
import { DatabaseError } from "./database-error.ts";
import type { DriverOptions } from "./driver-options.ts";

/** One connection for as long as it lives: the driver may neither end it by itself nor put another in its place. */
export interface Lane {
  readonly sql: postgres.Sql;
  isLost: boolean;
  /** Whether what its session is to keep was said. */
  isPrepared: boolean;
  /** While it idles. */
  timer?: NodeJS.Timeout;
}

/** The lanes of a process that nobody uses now. */
export interface Lanes {
  /** One that idles and is not lost, else a new one. */
  take(): Lane;
  /** Kept for the next, or closed where it is lost or all are being closed. */
  giveBack(lane: Lane): void;
  /** Closes what idles now, and each other one when it comes back. */
  close(): Promise<void>;
}

const idleMs = 60_000;

export function createLanes(options: DriverOptions): Lanes {
  const idle: Lane[] = [];
  let isClosed = false;

  function take(): Lane {
    const lane = idle.pop();
    if (!lane) return open(options);
    clearTimeout(lane.timer);
    if (!lane.isLost) return lane;
    discard(lane);
    return take();
  }

  return {
    take,
    giveBack(lane) {
      if (lane.isLost || isClosed) return discard(lane);
      lane.timer = setTimeout(() => {
        idle.splice(idle.indexOf(lane), 1);
        discard(lane);
      }, idleMs).unref();
      idle.push(lane);
    },
    async close() {
      isClosed = true;
      await Promise.all(
        idle.splice(0).map(({ sql, timer }) => {
          clearTimeout(timer);
          return sql.end({ timeout: 5 });
        }),
      );
    },
  };
}

function open(options: DriverOptions): Lane {
  const lane: Lane = {
    sql: postgres({
      ...options,
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      onclose: () => void (lane.isLost = true),
    }),
    isLost: false,
    isPrepared: false,
  };
  return lane;
}

/** Closes it at once, whatever it is doing. */
export function discard(lane: Lane): void {
  lane.sql.end({ timeout: 0 }).catch(() => undefined);
}

/** Sends on the lane, unless it is lost: the driver would open another connection, outside the transaction. */
export function sendOn(lane: Lane): postgres.Sql["unsafe"] {
  return (...statement) => {
    if (lane.isLost) throw new DatabaseError("CONNECTION_CLOSED", undefined);
    return lane.sql.unsafe(...statement);
  };
}

/** Closes the lane's connection when `signal` says so while `work` goes on. */
export async function untilAborted<T>(
  lane: Lane,
  signal: AbortSignal | undefined,
  work: () => PromiseLike<T>,
): Promise<T> {
  const giveUp = (): void => {
    lane.isLost = true;
    discard(lane);
  };
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    return await work();
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}
