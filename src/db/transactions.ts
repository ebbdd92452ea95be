import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { DatabaseError, toDatabaseError } from "./database-error.ts";
import type { DriverOptions } from "./driver-options.ts";

type Drizzle = ReturnType<typeof drizzle>;

/** Runs transactions, each on a connection of its own that is never written to after it was lost. */
export interface Transactions {
  /** `signal` gives the transaction up: its connection is closed, so that the server rolls back, and its place is free. */
  run<T>(work: (queries: Drizzle) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Closes what is idle now, and what is busy once it is done. */
  close(): Promise<void>;
}

/** One connection for as long as it lives: the driver may neither end it by itself nor put another in its place. */
interface Lane {
  readonly sql: postgres.Sql;
  isLost: boolean;
  /** While it idles. */
  timer?: NodeJS.Timeout;
}

const idleMs = 60_000;

/**
 * The driver's own `begin` sends ROLLBACK on a connection that has just been lost, which ends the process with a
 * TypeError (postgres 3.4: the write is put off and finds no socket). So each transaction has a client with one
 * connection, whose loss is noticed before anything more is sent; the server rolls back by itself.
 * @param begin the statements that open a transaction
 */
export function openTransactions(
  options: DriverOptions,
  { begin, lanesMax }: { begin: string; lanesMax: number },
): Transactions {
  const idle: Lane[] = [];
  const waiting: (() => void)[] = [];
  let busy = 0;
  let isClosed = false;
  const open = (): Lane => {
    const lane: Lane = {
      sql: postgres({
        ...options,
        max: 1,
        idle_timeout: 0,
        max_lifetime: null,
        onclose: () => void (lane.isLost = true),
      }),
      isLost: false,
    };
    return lane;
  };
  const discard = (lane: Lane): void => void lane.sql.end({ timeout: 0 }).catch(() => undefined);
  const keep = (lane: Lane): void => {
    lane.timer = setTimeout(() => {
      idle.splice(idle.indexOf(lane), 1);
      discard(lane);
    }, idleMs).unref();
    idle.push(lane);
  };
  const take = (): Lane => {
    const lane = idle.pop();
    if (!lane) return open();
    clearTimeout(lane.timer);
    if (!lane.isLost) return lane;
    discard(lane);
    return take();
  };

  /** Waits for one of the places, oldest first. */
  async function enter(signal: AbortSignal | undefined): Promise<void> {
    if (busy < lanesMax) {
      busy += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const proceed = (): void => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(proceed), 1);
        reject(new DatabaseError("no_place", undefined));
      };
      waiting.push(proceed);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** A place goes straight to whoever waits for one. */
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  }

  async function inTransaction<T>(lane: Lane, work: (queries: Drizzle) => Promise<T>): Promise<T> {
    const send: postgres.Sql["unsafe"] = (...statement) => {
      if (lane.isLost) throw new DatabaseError("CONNECTION_CLOSED", undefined);
      return lane.sql.unsafe(...statement);
    };
    const guarded = { options: lane.sql.options, unsafe: send } as unknown as postgres.Sql;
    try {
      await send(begin);
      const result = await work(drizzle(guarded));
      await send("commit");
      return result;
    } catch (error) {
      lane.isLost ||= isOfNoUse(error);
      if (!lane.isLost) await send("rollback").catch(() => void (lane.isLost = true));
      throw error;
    }
  }

  return {
    async run(work, signal) {
      await enter(signal);
      const lane = take();
      const giveUp = (): void => {
        lane.isLost = true;
        discard(lane);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      try {
        return await inTransaction(lane, work);
      } catch (error) {
        lane.isLost ||= isOfNoUse(error);
        throw error;
      } finally {
        signal?.removeEventListener("abort", giveUp);
        if (lane.isLost || isClosed) discard(lane);
        else keep(lane);
        leave();
      }
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

/** Lost, or leads to a server that cannot serve any more. */
function isOfNoUse(error: unknown): boolean {
  const { isLoss, isStaleServer } = toDatabaseError(error);
  return isLoss || isStaleServer;
}
