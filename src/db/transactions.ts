import { drizzle } from "drizzle-orm/postgres-js";
import { type DatabaseError, toDatabaseError } from "./database-error.ts";
import type { DriverOptions } from "./driver-options.ts";
import { createLanes, discard, type Lane, sendOn, untilAborted } from "./lanes.ts";
import { createPlaces } from "./places.ts";
import { preparing } from "./preparing.ts";

type Drizzle = ReturnType<typeof drizzle>;

/** Runs transactions, each on a connection of its own that is never written to after it was lost. */
export interface Transactions {
  /**
   * `signal` gives the transaction up: its connection is closed, so that the server rolls back, and its place is free.
   * `opening` is sent together with BEGIN, so that a lock costs no round trip; it has no parameters.
   */
  run<T>(work: (queries: Drizzle) => Promise<T>, signal?: AbortSignal, opening?: string): Promise<T>;
  /** Closes what is idle now, and what is busy once it is done. */
  close(): Promise<void>;
}

/** A process that was busy for longer than the driver waits finds its connection late although it is there. */
const openTries = 3;

/**
 * The driver's own `begin` sends ROLLBACK on a connection that has just been lost, which ends the process with a
 * TypeError (postgres 3.4: the write is put off and finds no socket). So each transaction has a client with one
 * connection, whose loss is noticed before anything more is sent; the server rolls back by itself.
 * @param begin the statements that open a transaction
 * @param tell hears each statement of the work, without its values
 * @param prepareLane said within the first transaction of each connection, for all that follow
 */
export function openTransactions(
  options: DriverOptions,
  {
    begin,
    prepareLane,
    lanesMax,
    tell,
  }: {
    begin: string;
    prepareLane?: string;
    lanesMax: number;
    tell?: ((statement: string) => void) | undefined;
  },
): Transactions {
  const lanes = createLanes(options);
  const places = createPlaces(lanesMax);

  /**
   * A lane with a transaction open, or about to be: on one that is connected, the first statement of the work is sent
   * together with BEGIN. Nothing was sent on one that did not connect in time, so another one may be tried.
   */
  async function beginOnLane(signal: AbortSignal | undefined, opening: string | undefined): Promise<Begun> {
    for (let tries = 1; ; tries += 1) {
      const lane = lanes.take();
      const isConnected = lane.isPrepared;
      try {
        const settings = isConnected ? undefined : prepareLane;
        const statements = [begin, settings, opening].filter((one) => one !== undefined).join("; ");
        const begun = sendOn(lane)(statements).then(() => undefined, toDatabaseError);
        if (!isConnected) await untilAborted(lane, signal, () => requireBegun(begun));
        return { lane, begun };
      } catch (error) {
        discard(lane);
        const isLate = toDatabaseError(error).code === "CONNECT_TIMEOUT";
        if (!isLate || tries === openTries || signal?.aborted === true) throw error;
      }
    }
  }

  return {
    async run(work, signal, opening) {
      await places.enter(signal);
      try {
        const { lane, begun } = await beginOnLane(signal, opening);
        try {
          return await untilAborted(lane, signal, () => inTransaction(lane, begun, work, tell));
        } finally {
          lanes.giveBack(lane);
        }
      } finally {
        places.leave();
      }
    },
    close: () => lanes.close(),
  };
}

interface Begun {
  readonly lane: Lane;
  /** What BEGIN failed with, once it was answered. */
  readonly begun: Promise<DatabaseError | undefined>;
}

async function inTransaction<T>(
  lane: Lane,
  begun: Promise<DatabaseError | undefined>,
  work: (queries: Drizzle) => Promise<T>,
  tell: ((statement: string) => void) | undefined,
): Promise<T> {
  const send = sendOn(lane);
  try {
    const result = await work(drizzle(preparing({ options: lane.sql.options, unsafe: send }, tell)));
    await requireBegun(begun);
    await send("commit");
    // A rollback would have taken it back.
    lane.isPrepared = true;
    return result;
  } catch (error) {
    // The server refuses what follows a BEGIN that failed; the cause is what that one says.
    const cause = (await begun) ?? error;
    lane.isLost ||= isOfNoUse(cause);
    if (!lane.isLost) await send("rollback").catch(() => void (lane.isLost = true));
    throw cause;
  }
}

async function requireBegun(begun: Promise<DatabaseError | undefined>): Promise<void> {
  const error = await begun;
  if (error !== undefined) throw error;
}

/** Lost, or leads to a server that cannot serve any more. */
function isOfNoUse(error: unknown): boolean {
  const { isLoss, isStaleServer } = toDatabaseError(error);
  return isLoss || isStaleServer;
}
