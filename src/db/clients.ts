import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import type { PostgresHost, PostgresTarget } from "../domain/postgres-target.ts";
import type { Queries } from "./queries.ts";
import { DatabaseError, withoutDriverErrors } from "./database-error.ts";
import { withDeadline } from "./deadline.ts";
import { driverOptions, localSettings, sessionSettings } from "./driver-options.ts";
import type { Tracing } from "../domain/tracing.ts";
import { preparing } from "./preparing.ts";
import { openTransactions } from "./transactions.ts";

/** Connections to one server. They are replaced together once the server is the wrong one. */
export interface Clients {
  run<T>(work: (queries: Queries) => Promise<T>, signal: AbortSignal): Promise<T>;
  transaction<T>(work: (queries: Queries) => Promise<T>, signal: AbortSignal, opening?: string): Promise<T>;
  /** Looks once, before the first use, whether the server takes writes. @throws {DatabaseError} 25006, or away */
  probe(): Promise<void>;
  /** Waits up to 5 s for what is running. */
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly poolMax?: number;
  /** For migrations: no statement and no transaction is ended for lasting long. */
  readonly isUnhurried?: boolean;
  readonly tracing?: Tracing;
}

const hurried = {
  statement_timeout: "8000",
  /** A process that sleeps in a transaction loses its locks, sooner than a statement that waits for them gives up. */
  idle_in_transaction_session_timeout: "5000",
};
const unhurried = { statement_timeout: "0", idle_in_transaction_session_timeout: "0", lock_timeout: "0" };
/** A host that is gone is noticed in about as long; the default is two hours, with its locks held. */
const keepAlives = { tcp_keepalives_idle: "2", tcp_keepalives_interval: "1", tcp_keepalives_count: "3" };
/** The level is the one that the statements were written for. */
const begin = "begin isolation level read committed";
/**
 * PostgreSQL 17 and later end a transaction that lasts longer, also one that sleeps between two messages of a statement,
 * where `idle_in_transaction_session_timeout` does not reach. No start-up parameter: an older server refuses what it does
 * not know.
 */
const limitTransactions = (isLocal: boolean): string =>
  `select set_config('transaction_timeout', '7s', ${isLocal}) where current_setting('server_version_num')::int >= 170000`;
/**
 * A statement is parsed once for each session and planned each time: only a plan that knows the values can use a partial
 * index.
 */
const planning = { plan_cache_mode: "force_custom_plan" };

/** Opens nothing before the first use, so it succeeds while Postgres is away. */
export function openClients(
  target: PostgresTarget,
  host: PostgresHost,
  { poolMax, isUnhurried, tracing }: ClientOptions,
): Clients {
  const settings = sessionSettings(target, isUnhurried ? unhurried : hurried);
  const options = driverOptions(target, host, { ...settings, ...keepAlives, ...planning });
  const share = Math.floor(target.connectionsMax / 2);
  // Behind a pooler each piece of work is a transaction and brings its settings along.
  const transactions = target.isPooled
    ? openTransactions(options, {
        begin: [begin, ...(isUnhurried ? [] : [limitTransactions(true)]), localSettings(settings)].join("; "),
        lanesMax: target.connectionsMax,
        tell: tracing?.statement,
      })
    : openTransactions(options, {
        begin,
        ...(isUnhurried ? {} : { prepareLane: limitTransactions(false) }),
        lanesMax: target.connectionsMax - share,
        tell: tracing?.statement,
      });
  const sql = postgres({ ...options, max: poolMax ?? share });
  const db = drizzle(preparing(sql, tracing?.statement));
  const run: Clients["run"] = target.isPooled
    ? (work, signal) => transactions.run(work, signal)
    : (work) => work(db);
  let probed: Promise<void> | undefined;
  return {
    run,
    transaction: (work, signal, opening) => transactions.run(work, signal, opening),
    probe: () =>
      (probed ??= withoutDriverErrors(
        () => withDeadline((signal) => run(requireWritable, signal), target.connectTimeoutSeconds * 1000),
        () => false,
      )),
    async close() {
      // Once more: one that was cut meanwhile was opened again for a query that waited. Not waited for: the driver's
      // promise stays open where a connection that it ends is cut.
      const ended = sql.end({ timeout: 5 }).then(() => void closeOpen(sql));
      await Promise.all([ended, transactions.close()]);
    },
  };
}

/** The driver has it; its types do not. */
const closeOpen = (sql: postgres.Sql) => (sql as unknown as { close(): Promise<void> }).close();

/** @throws {DatabaseError} 25006 where the server takes no writes, as a standby or by its settings */
export async function requireWritable(queries: Queries): Promise<void> {
  const [row] = await queries.execute(
    "select pg_is_in_recovery() or current_setting('transaction_read_only')::bool as is_read_only",
  );
  if (row?.["is_read_only"] === true) throw new DatabaseError("25006", undefined);
}
