import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { DatabaseError } from "./database-error.ts";

type Options = NonNullable<Parameters<typeof postgres>[1]>;
type Drizzle = ReturnType<typeof drizzle>;

/** Runs transactions, each on a connection of its own that is never written to after it was lost. */
export interface Transactions {
  run<T>(work: (queries: Drizzle) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Lane {
  readonly sql: postgres.Sql;
  isLost: boolean;
}

const lanesMax = 10;
/**
 * PostgreSQL 17 and later end a transaction that lasts longer, also one that sleeps between two messages of a statement,
 * where `idle_in_transaction_session_timeout` does not reach.
 */
const begin = `begin;
  select set_config('transaction_timeout', '7s', true) where current_setting('server_version_num')::int >= 170000`;
/** The driver's, the socket's, and the server's when it ends the session: 25P03 and 25P04 lasted too long, 57P0x is shut down. */
const lostCodes = /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|EHOST|25P0[34]|57P0)/;

/**
 * The driver's own `begin` sends ROLLBACK on a connection that has just been lost, which ends the process with a
 * TypeError (postgres 3.4: the write is put off and finds no socket). So each transaction has a client with one
 * connection, whose loss is noticed before anything more is sent; the server rolls back by itself.
 */
export function openTransactions(url: string, options: Options): Transactions {
  const idle: Lane[] = [];
  const waiting: (() => void)[] = [];
  let busy = 0;
  const open = (): Lane => {
    const lane: Lane = {
      sql: postgres(url, { ...options, max: 1, onclose: () => void (lane.isLost = true) }),
      isLost: false,
    };
    return lane;
  };

  /** Waits for one of the places, oldest first. */
  async function enter(): Promise<void> {
    if (busy >= lanesMax) await new Promise<void>((resolve) => void waiting.push(resolve));
    else busy += 1;
  }

  /** A place goes straight to whoever waits for one. */
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  }

  async function inTransaction<T>(lane: Lane, work: (queries: Drizzle) => Promise<T>): Promise<T> {
    const reserved = await lane.sql.reserve();
    // A connection that idled away before does not count.
    lane.isLost = false;
    const send: postgres.Sql["unsafe"] = (...statement) => {
      if (lane.isLost) throw new DatabaseError("CONNECTION_CLOSED", undefined);
      return reserved.unsafe(...statement);
    };
    const guarded = { options: lane.sql.options, unsafe: send } as unknown as postgres.Sql;
    try {
      await send(begin);
      const result = await work(drizzle(guarded));
      await send("commit");
      return result;
    } catch (error) {
      lane.isLost ||= isLoss(error);
      if (!lane.isLost) await send("rollback").catch(() => void (lane.isLost = true));
      throw error;
    } finally {
      if (!lane.isLost) reserved.release();
    }
  }

  return {
    async run(work) {
      await enter();
      const lane = idle.pop() ?? open();
      try {
        const result = await inTransaction(lane, work);
        idle.push(lane);
        return result;
      } catch (error) {
        if (lane.isLost || isLoss(error)) void lane.sql.end({ timeout: 0 }).catch(() => undefined);
        else idle.push(lane);
        throw error;
      } finally {
        leave();
      }
    },
    async close() {
      await Promise.all(idle.splice(0).map(({ sql }) => sql.end({ timeout: 5 })));
    },
  };
}

/** Drizzle wraps the driver's error. */
function isLoss(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string" && lostCodes.test(code)) return true;
  }
  return false;
}
